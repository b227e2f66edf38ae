// SPDX-License-Identifier: Apache-2.0

import Products

/// A page of a list as it stands in Redis: which products, in which versions, and where the next page starts. The
/// products stand under keys of their own.
struct CachedPage: Sendable, Hashable {
    struct Item: Sendable, Hashable {
        let id: ProductID
        let version: Int64
    }

    let items: [Item]
    /// The place of the last product in the order of creation, when another page follows.
    let nextSequence: Int64?

    private static let kind = UInt8(ascii: "P")
    private static let headByteCount = 10
    private static let itemByteCount = 24

    init(_ page: ProductPage) {
        items = page.products.map { Item(id: $0.id, version: $0.version) }
        nextSequence = page.next?.sequence
    }

    /// `P`, whether a page follows and its sequence, and for each product its id and version.
    var encoded: [UInt8] {
        var bytes: [UInt8] = [Self.kind, nextSequence == nil ? 0 : 1]
        bytes.reserveCapacity(Self.headByteCount + Self.itemByteCount * items.count)
        func append(_ number: some FixedWidthInteger) {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        append(nextSequence ?? 0)
        for item in items {
            append(item.id.high)
            append(item.id.low)
            append(item.version)
        }
        return bytes
    }

    /// Nil for what is no page: a lease, or what was written by others.
    init?(_ bytes: [UInt8]) {
        let count = (bytes.count - Self.headByteCount) / Self.itemByteCount
        guard bytes.first == Self.kind, bytes.count == Self.headByteCount + Self.itemByteCount * count else {
            return nil
        }
        (items, nextSequence) = bytes.withUnsafeBytes { bytes in
            func number<Number: FixedWidthInteger>(at offset: Int, _ type: Number.Type) -> Number {
                Number(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
            }
            let items = (0..<count).map { index in
                let offset = Self.headByteCount + Self.itemByteCount * index
                let id = ProductID(
                    high: number(at: offset, UInt64.self), low: number(at: offset + 8, UInt64.self))
                return Item(id: id, version: number(at: offset + 16, Int64.self))
            }
            return (items, bytes[1] == 0 ? nil : number(at: 2, Int64.self))
        }
    }

    /// The page with its products, if every one of them is there in the version that the page was made of: then it is
    /// what the store answered.
    func page(of products: [Product?], in order: ProductOrder) -> ProductPage? {
        var found: [Product] = []
        for (item, product) in zip(items, products) {
            guard let product, product.version == item.version else { return nil }
            found.append(product)
        }
        guard found.count == items.count else { return nil }
        guard let nextSequence, let last = found.last else { return ProductPage(products: found, next: nil) }
        return ProductPage(products: found, next: PagePosition(behind: last, sequence: nextSequence, in: order))
    }
}
