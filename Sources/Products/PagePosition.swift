// SPDX-License-Identifier: Apache-2.0

/// A place in an order of products: right behind one product, which may be gone by now.
package struct PagePosition: Sendable, Hashable {
    /// The product's value of the order's key.
    package enum Key: Sendable, Hashable {
        case createdAt
        case price(Money)
        case name(String)
    }

    package let key: Key
    /// The product's place in the order of creation, as its store numbers it.
    package let sequence: Int64

    package init(key: Key, sequence: Int64) {
        self.key = key
        self.sequence = sequence
    }

    /// The position right behind `product` in `order`.
    package init(behind product: Product, sequence: Int64, in order: ProductOrder) {
        let key: Key =
            switch order.key {
            case .createdAt: .createdAt
            case .price: .price(product.price)
            case .name: .name(product.name)
            }
        self.init(key: key, sequence: sequence)
    }
}
