// SPDX-License-Identifier: Apache-2.0

import Products
import Redis

/// The keys of one run of a Redis server.
///
/// They begin with a part of the server's `run_id`: one that starts anew from an old dump is not asked for what it had
/// then. They also tell the form of what stands under them, so that versions of the service that write another do not
/// meet.
struct CacheKeySpace: Sendable {
    private let prefix: [UInt8]

    /// The form of ``CacheValue``: another number with each change.
    private static let form = "1"

    init(_ session: RedisSession) { prefix = Array("c1:\(session.runID.prefix(8)):\(Self.form):".utf8) }

    func product(_ id: ProductID) -> RedisArgument { key("p:", id.description.utf8) }

    /// What changes with every write: pages of lists belong to one of its values.
    var listGeneration: RedisArgument { key("g", "".utf8) }

    func page(_ query: String, of generation: ArraySlice<UInt8>) -> RedisArgument {
        RedisArgument(prefix + "l:".utf8 + generation + [UInt8(ascii: ":")] + query.utf8)
    }

    private func key(_ kind: String, _ name: String.UTF8View) -> RedisArgument {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prefix.count + kind.utf8.count + name.count)
        bytes += prefix
        bytes += kind.utf8
        bytes += name
        return RedisArgument(bytes)
    }

    /// Where invalidations are published: one channel for each database, as channels belong to none.
    static func channel(of configuration: RedisConfiguration) -> RedisArgument {
        RedisArgument("c1:\(configuration.database):\(form):invalidations")
    }
}
