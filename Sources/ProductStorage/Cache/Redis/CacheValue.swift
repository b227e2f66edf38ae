// SPDX-License-Identifier: Apache-2.0

import Products

/// What stands under a key in Redis. The first byte tells its kind.
enum CacheValue: Sendable, Hashable {
    /// `V`, the version in 16 hexadecimal digits, the product.
    case product(Product)
    /// `N` and a version: there is none.
    case absent
    /// `I` and a token: someone is reading it from the store.
    case lease
    /// `Q`, and who writes: see ``CacheScripts``.
    case quarantine

    static let versionDigitCount = 16
    /// Below those of all products.
    static let noVersion = [UInt8](repeating: UInt8(ascii: "0"), count: versionDigitCount)
    /// Above those of all products.
    static let lastVersion = [UInt8](repeating: UInt8(ascii: "f"), count: versionDigitCount)

    static let negative = [UInt8(ascii: "N")] + noVersion

    /// The version as it is compared: byte by byte.
    static func version(_ version: Int64) -> [UInt8] {
        let value = UInt64(bitPattern: version)
        return (0..<versionDigitCount).map { position in
            let digit = UInt8(truncatingIfNeeded: value >> UInt64(60 - 4 * position)) & 0xf
            return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
    }

    /// Times, price and the two texts behind kind and version; the id is in the key.
    static func encode(_ product: Product) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 + versionDigitCount + 26 + product.name.utf8.count + product.description.utf8.count)
        bytes.append(UInt8(ascii: "V"))
        bytes += version(product.version)
        for number in [product.createdAt.secondsSinceEpoch, product.updatedAt.secondsSinceEpoch, product.price.cents] {
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        }
        let nameByteCount = UInt16(truncatingIfNeeded: product.name.utf8.count)
        withUnsafeBytes(of: nameByteCount.bigEndian) { bytes.append(contentsOf: $0) }
        bytes += product.name.utf8
        bytes += product.description.utf8
        return bytes
    }

    /// Reads what stands under the key of a product; nil when it is nothing that was written here.
    init?(_ bytes: [UInt8], of id: ProductID) {
        switch bytes.first {
        case UInt8(ascii: "V"):
            guard let product = Self.decode(bytes, of: id) else { return nil }
            self = .product(product)
        case UInt8(ascii: "N"): self = .absent
        case UInt8(ascii: "I"): self = .lease
        case UInt8(ascii: "Q"): self = .quarantine
        default: return nil
        }
    }

    private static func decode(_ bytes: [UInt8], of id: ProductID) -> Product? {
        let head = 1 + versionDigitCount
        let texts = head + 26
        guard bytes.count >= texts, let version = Int64(String(decoding: bytes[1..<head], as: UTF8.self), radix: 16)
        else { return nil }
        return bytes.withUnsafeBytes { bytes in
            func number(_ index: Int) -> Int64 {
                Int64(bigEndian: bytes.loadUnaligned(fromByteOffset: head + 8 * index, as: Int64.self))
            }
            let nameByteCount = Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: texts - 2, as: UInt16.self)))
            guard texts + nameByteCount <= bytes.count else { return nil }
            let name = UnsafeRawBufferPointer(rebasing: bytes[texts..<texts + nameByteCount])
            let description = UnsafeRawBufferPointer(rebasing: bytes[(texts + nameByteCount)...])
            return Product(
                id: id, name: String(decoding: name, as: UTF8.self),
                description: String(decoding: description, as: UTF8.self), price: Money(cents: number(2)),
                createdAt: Timestamp(secondsSinceEpoch: number(0)), updatedAt: Timestamp(secondsSinceEpoch: number(1)),
                version: version)
        }
    }
}
