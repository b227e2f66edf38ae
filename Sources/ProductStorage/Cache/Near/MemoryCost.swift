// SPDX-License-Identifier: Apache-2.0

import Products

/// What values take of the heap, as glibc's allocator hands it out: multiples of 16 bytes, 8 of them its own.
enum MemoryCost {
    static func ofBlock(_ byteCount: Int) -> Int { max(32, (byteCount + 8 + 15) & ~15) }

    /// The memory of a string's text; short ones lie in the string itself.
    static func ofText(in text: String) -> Int {
        let count = text.utf8.count
        return count <= 15 ? 0 : ofBlock(32 + count + 1)
    }

    /// What a product in the form of an answer takes beside its own fields.
    static func of(_ encoded: EncodedProduct?) -> Int { encoded.map { ofBlock(32 + $0.bytes.count) } ?? 0 }

    /// What a product takes beside its own fields.
    static func ofText(in product: Product) -> Int { ofText(in: product.name) + ofText(in: product.description) }
}
