// SPDX-License-Identifier: Apache-2.0

/// How the cache behaves: its bounds, its times, and what keeps it from serving what is stale.
package struct CachePolicy: Sendable {
    /// How much memory the near cache may take, in bytes; 0 turns it off.
    package var nearByteCount = 64 << 20
    /// How long a product is kept in Redis, a tenth less by chance.
    package var lifetime = Duration.seconds(300)
    /// How long it is remembered that there is no product of an id.
    package var negativeLifetime = Duration.seconds(10)
    /// How long a product is kept in the near cache.
    package var nearLifetime = Duration.seconds(30)

    /// How long ago the last proof that every invalidation has been heard may have been asked for when the near cache
    /// answers; also how old a load may be that others join. `H` in the documentation.
    package var stalenessBound = Duration.milliseconds(300)
    /// How often invalidations are proved to be heard.
    package var proofInterval = Duration.milliseconds(100)
    /// How often the outbox is looked at. `P` in the documentation.
    package var outboxInterval = Duration.milliseconds(500)
    /// How long a key is closed to readers for a write that never ends; above the time a transaction can take.
    package var quarantineLifetime = Duration.seconds(10)
    /// After twice as long at most, a writer who never ends is forgotten, however many write meanwhile. The same on
    /// every replica, and longer than any write can take.
    package var quarantinePeriod = Duration.seconds(60)
    /// How long one reader may take to fill a key.
    package var leaseLifetime = Duration.seconds(3)
    /// How often, and after which pauses, a reader asks again for what another is filling.
    package var leaseRetries = (count: 20, pause: Duration.milliseconds(2)...Duration.milliseconds(5))

    /// What the protocol stands on.
    package var protections = Protections.all
    /// Called at the places that tests name; nil but in tests.
    package var testPoint: (@Sendable (TestPoint) async -> Void)?

    package init() {}

    /// The parts of the protocol that keep it from serving what is stale. Tests take each away in turn, to see that it
    /// is missed; nothing else does.
    package struct Protections: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// Keys are closed to readers while they are written to.
        package static let quarantine = Protections(rawValue: 1)
        /// A lease is of one attempt to fill, not of one replica.
        package static let leaseTokens = Protections(rawValue: 2)
        /// What was invalidated while it was loaded is not kept.
        package static let generations = Protections(rawValue: 4)
        /// The near cache answers only while invalidations are proved to be heard.
        package static let proofs = Protections(rawValue: 8)
        /// A write that Redis did not hear of keeps others in progress from filling the key.
        package static let poison = Protections(rawValue: 16)
        /// Only loads that are young, and from after the last invalidation, are joined.
        package static let joins = Protections(rawValue: 32)
        /// Writes that Redis does not hear of are noted in the store.
        package static let outbox = Protections(rawValue: 64)

        package static let all: Protections = [
            .quarantine, .leaseTokens, .generations, .proofs, .poison, .joins, .outbox,
        ]
    }
}
