// SPDX-License-Identifier: Apache-2.0

/// Decides which connection takes a statement, and when connections are opened, replaced and given up. A value: what it
/// decides is done elsewhere.
struct PoolState {
    typealias Instant = ContinuousClock.Instant

    struct Member {
        enum Phase: Equatable {
            case ready
            case leased(Lease)
            /// Takes nothing more, and closes once what it has is answered.
            case draining
        }

        let id: Int
        let retiresAt: Instant
        var phase = Phase.ready
        /// How many statements are on their way.
        var depth = 0
        /// Since when the first of them has been worked on, or there has been none.
        var since: Instant
    }

    private let configuration: PostgresConfiguration
    private(set) var members: [Member] = []
    /// When the connections were begun to be opened that have not been yet.
    private var openingsSince: [Instant] = []
    /// How many times in a row opening one has failed.
    private(set) var failures = 0
    private var mayOpenAt: Instant
    private(set) var isClosing = false

    /// How many reads that come together go on one connection before the next is looked at.
    private static let batch = 8
    /// A connection whose first statement takes longer takes nothing more behind it.
    static let stall = Duration.milliseconds(20)
    /// How long the first of several reads may take before another connection is opened for those that come.
    private static let pressure = Duration.milliseconds(3)
    static let openingPatience = Duration.milliseconds(50)
    /// After how long an opening that has not come back no longer keeps another from being tried, and no longer counts.
    private static let overdue = (next: Duration.seconds(3), lost: Duration.seconds(60))
    private static let backoff = (first: 0.05, last: 0.8)

    init(_ configuration: PostgresConfiguration, now: Instant) {
        self.configuration = configuration
        mayOpenAt = now
    }

    // MARK: - Statements

    /// The connection for a statement; nil when it has to wait.
    ///
    /// - Parameters:
    ///   - batch: Where the reads before it went that came with it, and how many of them.
    ///   - waited: How long it has waited already.
    func place(
        _ purpose: Purpose, after batch: (connection: Int, count: Int)? = nil, waited: Duration = .zero, at now: Instant
    ) -> Int? {
        switch purpose {
        case .read:
            // Reads that come together go together: one wake-up of the server answers them all.
            if let batch, batch.count < Self.batch, let member = members.first(where: { $0.id == batch.connection }),
                member.phase == .ready, member.depth < configuration.readsPerConnection
            {
                return batch.connection
            }
            return leastLoaded(below: configuration.readsPerConnection, at: now)
        case .write:
            if let idle = leastLoaded(below: 1, at: now) { return idle }
            // One that is about to open is waited for, but not long.
            let isOpening = mayOpen(at: now) || (opening > 0 && failures == 0)
            if isOpening, waited < Self.openingPatience { return nil }
            return leastLoaded(below: configuration.writesPerConnection, at: now)
        case .begin: return leastLoaded(below: 1, at: now)
        case .within(let lease), .end(let lease), .script(let lease): return member(holding: lease)
        }
    }

    private func leastLoaded(below limit: Int, at now: Instant) -> Int? {
        var best: Member?
        for member in members where member.phase == .ready && member.depth < (best?.depth ?? limit) {
            if member.depth > 0, now - member.since > Self.stall { continue }
            best = member
        }
        return best?.id
    }

    func isLeased(_ id: Int) -> Bool {
        members.contains { member in
            if case .leased = member.phase { member.id == id } else { false }
        }
    }

    func member(holding lease: Lease) -> Int? { members.first { $0.phase == .leased(lease) }?.id }

    mutating func sent(_ purpose: Purpose, on id: Int, at now: Instant) {
        update(id) { member in
            if case .begin(let lease) = purpose { member.phase = .leased(lease) }
            if member.depth == 0 { member.since = now }
            member.depth += 1
        }
    }

    /// One statement has been answered, or is to be sent again elsewhere.
    mutating func answered(on id: Int, at now: Instant) {
        update(id) { member in
            member.depth -= 1
            member.since = now
        }
    }

    // MARK: - Leases

    /// A transaction has ended in order.
    mutating func endLease(on id: Int) {
        update(id) { if case .leased = $0.phase { $0.phase = .ready } }
    }

    // MARK: - Connections

    /// How many connections to open now, with so many statements waiting. ``opened(_:at:jitter:)`` or
    /// ``openingFailed(at:jitter:)`` is to follow for each; one for which neither does is forgotten after a minute.
    mutating func openings(waiting: Int, at now: Instant) -> Int {
        openingsSince.removeAll { now - $0 > Self.overdue.lost }
        guard !isClosing, mayOpen(at: now) else { return 0 }
        // Those that close are replaced before they are gone, if there is room.
        let active = members.count { $0.phase != .draining }
        let wanted = max(configuration.minimumConnectionCount, active + waiting + (isPressed(at: now) ? 1 : 0))
        let room = min(wanted - active, configuration.maximumConnectionCount - members.count) - opening
        let count = max(0, failures > 0 ? min(1, room) : room)
        openingsSince += Array(repeating: now, count: count)
        return count
    }

    /// How many connections are being opened.
    var opening: Int { openingsSince.count }

    private mutating func endOpening() { if !openingsSince.isEmpty { openingsSince.removeFirst() } }

    /// Whether reads wait for one another on every connection, and not for moments only.
    private func isPressed(at now: Instant) -> Bool {
        let ready = members.filter { $0.phase == .ready }
        return ready.allSatisfy { $0.depth > 1 } && ready.contains { now - $0.since > Self.pressure }
    }

    private func mayOpen(at now: Instant) -> Bool {
        now >= mayOpenAt && members.count + (failures > 0 ? 0 : opening) < configuration.maximumConnectionCount
            && (failures == 0 || openingsSince.allSatisfy { now - $0 > Self.overdue.next })
    }

    /// - Parameter jitter: From 0 to 1, at random.
    mutating func opened(_ id: Int, at now: Instant, jitter: Double) {
        endOpening()
        failures = 0
        mayOpenAt = now
        let age = configuration.maximumConnectionAge * (1 - 0.1 * jitter)
        members.append(Member(id: id, retiresAt: now + age, since: now))
    }

    /// - Parameter jitter: From 0 to 1, at random.
    mutating func openingFailed(at now: Instant, jitter: Double) {
        endOpening()
        // Several that were begun together fail as one.
        if now < mayOpenAt { return }
        let delay = min(Self.backoff.last, Self.backoff.first * Double(1 << min(failures, 10)))
        failures += 1
        mayOpenAt = now + .seconds(delay * (0.5 + 0.5 * jitter))
    }

    /// Takes a connection out of use once what it has is answered.
    mutating func retire(_ id: Int) { update(id) { $0.phase = .draining } }

    mutating func closed(_ id: Int) { members.removeAll { $0.id == id } }

    /// Takes no more statements but those of transactions that have begun.
    mutating func close() {
        isClosing = true
        for index in members.indices where members[index].phase == .ready { members[index].phase = .draining }
    }

    /// The connections that are to be closed now: drained, too old, or without work for too long.
    mutating func closings(at now: Instant) -> [Int] {
        for index in members.indices where members[index].phase == .ready {
            let isIdle = members[index].depth == 0 && now - members[index].since >= configuration.idleTimeout
            let isSpare = members.count { $0.phase != .draining } > configuration.minimumConnectionCount
            if now >= members[index].retiresAt || (isIdle && isSpare) { members[index].phase = .draining }
        }
        return members.filter { $0.phase == .draining && $0.depth == 0 }.map(\.id)
    }

    /// When a connection may be opened again, if that is what keeps one from being opened.
    func nextOpening(after now: Instant) -> Instant? { mayOpenAt > now ? mayOpenAt : nil }

    private mutating func update(_ id: Int, _ change: (inout Member) -> Void) {
        guard let index = members.firstIndex(where: { $0.id == id }) else { return }
        change(&members[index])
    }
}
