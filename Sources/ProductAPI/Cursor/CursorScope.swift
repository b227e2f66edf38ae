// SPDX-License-Identifier: Apache-2.0

import Products
import StrictJSON

/// What a cursor is good for: one order and filter of one caller's list.
struct CursorScope: Sendable {
    /// The same bytes for the same scope, and for no other.
    let bytes: [UInt8]

    init(_ query: ProductQuery, caller: Caller) {
        var json = JSONWriter()
        json.array { json in
            json.string(caller.subject)
            json.string(query.order.key.rawValue)
            json.string(query.order.isDescending ? "descending" : "ascending")
            for bound in [query.filter.minimumPrice, query.filter.maximumPrice] {
                if let bound { json.integer(bound.cents) } else { json.null() }
            }
            if let prefix = query.filter.namePrefix { json.string(prefix) } else { json.null() }
        }
        bytes = json.bytes
    }
}
