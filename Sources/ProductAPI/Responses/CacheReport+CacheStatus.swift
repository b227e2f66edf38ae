// SPDX-License-Identifier: Apache-2.0

import Products

extension CacheReport {
    /// The value of `Cache-Status`: the caches that were asked, the one that replicas share before the one in the
    /// process, as the former is nearer to the store. Such as `redis; hit, near; fwd=uri-miss`.
    ///
    /// Source: RFC 9211 section 2.
    var cacheStatus: String {
        switch write {
        case .before?: return "redis; fwd=method"
        case .after?: return "redis; fwd=method; detail=outbox"
        case nil: break
        }
        var members: [String] = []
        if let shared { members.append(Self.member("redis", shared, isStored: isStored)) }
        if let near {
            let member = Self.member("near", near, isStored: isStored && shared == nil)
            members.append(isCollapsed ? "\(member); collapsed" : member)
        }
        return members.joined(separator: ", ")
    }

    private static func member(_ name: String, _ outcome: Outcome, isStored: Bool) -> String {
        switch outcome {
        case .hit: "\(name); hit"
        case .miss: isStored ? "\(name); fwd=uri-miss; stored" : "\(name); fwd=uri-miss"
        case .busy: "\(name); fwd=bypass; detail=busy"
        case .bypassed: "\(name); fwd=bypass"
        }
    }
}
