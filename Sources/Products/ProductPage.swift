// SPDX-License-Identifier: Apache-2.0

/// A page of products, in the order asked for.
package struct ProductPage: Sendable, Hashable {
    package let products: [Product]
    /// Where the next page starts; nil when this is the last.
    package let next: PagePosition?

    package init(products: [Product], next: PagePosition?) {
        self.products = products
        self.next = next
    }
}
