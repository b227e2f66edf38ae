// SPDX-License-Identifier: Apache-2.0

/// Products that this process has at hand, for whoever can answer without waiting.
package protocol NearProducts: Sendable {
    /// The product as it is answered with, if it is at hand and may be answered with now; nil says nothing of whether
    /// there is one. A read that begins after a write was acknowledged finds what ``ProductRepository`` would.
    ///
    /// Does not wait, and allocates nothing.
    func encodedProduct(withID id: ProductID) -> EncodedProduct?
}
