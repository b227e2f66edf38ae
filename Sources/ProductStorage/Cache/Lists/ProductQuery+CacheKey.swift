// SPDX-License-Identifier: Apache-2.0

import Products

extension ProductQuery {
    /// Tells this query from all others.
    var cacheKey: String {
        var key = "\(order.key.rawValue)\(order.isDescending ? "-" : "+")\(limit)"
        key += ":\(filter.minimumPrice.map { String($0.cents) } ?? "")"
        key += ":\(filter.maximumPrice.map { String($0.cents) } ?? "")"
        switch start {
        case .offset(let count): key += ":\(count)"
        case .after(let position):
            key += ":@\(position.sequence)"
            switch position.key {
            case .createdAt: break
            case .price(let price): key += ",\(price.cents)"
            // The length, as a name may hold anything.
            case .name(let name): key += ",\(name.utf8.count),\(name)"
            }
        }
        return key + ":\(filter.namePrefix ?? "")"
    }
}
