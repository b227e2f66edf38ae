// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One thread that owns the sockets of a pool, and waits for all of them at once.
///
/// Its own state is used by that thread alone; other threads talk to it through the inbox.
final class PostgresReactor {
    private let inbox: Inbox
    private let pipe: WakePipe
    private let pool: ReactorPool
    private var messages: [Inbox.Message] = []
    /// How often connections are looked at whose input the sockets may not tell of, in milliseconds.
    private static let hiddenInputInterval = 5.0
    private var descriptors: [pollfd] = []

    private init(inbox: Inbox, pipe: WakePipe, pool: ReactorPool) {
        self.inbox = inbox
        self.pipe = pipe
        self.pool = pool
    }

    /// Starts the thread, which ends once the pool is closed.
    static func start(_ configuration: PostgresConfiguration, metrics: PoolMetrics) throws(PostgresError) -> Inbox {
        let pipe = try WakePipe()
        let inbox = Inbox(pipe: pipe)
        let thread = Thread {
            Thread.current.name = "postgres"
            let connector = Connector(configuration)
            let pool = ReactorPool(configuration, metrics: metrics) { id in
                connector.connect(id: id) { result in
                    switch result {
                    // One that nobody takes any more is closed right here.
                    case .success(let connection): _ = inbox.put(.opened(connection))
                    case .failure(let error): _ = inbox.put(.openingFailed(error))
                    }
                }
            }
            PostgresReactor(inbox: inbox, pipe: pipe, pool: pool).run()
        }
        thread.start()
        return inbox
    }

    private func run() {
        while !pool.isClosed {
            // Lets those whose statements have just been answered hand over their next ones, so that more go out
            // together.
            sched_yield()
            inbox.take(into: &messages)
            let now = ContinuousClock.now
            for message in messages { pool.take(message, at: now) }
            let next = pool.work(at: now)
            // What has just been asked for is not kept waiting.
            wait(for: messages.isEmpty ? next - now : .zero)
        }
        pool.refuse(inbox.close())
    }

    /// Waits until a socket is ready, somebody wakes the thread, or the time is over.
    private func wait(for duration: Duration) {
        descriptors.removeAll(keepingCapacity: true)
        descriptors.append(pollfd(fd: pipe.readEnd, events: Int16(POLLIN), revents: 0))
        for connection in pool.connections {
            let events = connection.hasOutput ? POLLIN | POLLOUT : POLLIN
            descriptors.append(pollfd(fd: connection.socket, events: Int16(events), revents: 0))
        }
        let hidden = pool.connections.contains(where: \.mayHideInput)
        // Rounded up, so as not to wake just before something is due.
        let limit = hidden ? Self.hiddenInputInterval : 60_000
        let milliseconds = duration <= .zero ? 0 : Int32(min(limit, duration / .milliseconds(1) + 1))
        guard poll(&descriptors, nfds_t(descriptors.count), milliseconds) > 0 || hidden else { return }
        if descriptors[0].revents != 0 { pipe.drain() }
        // As it was when the descriptors were listed: what happens on one connection may end others.
        let connections = pool.connections
        for index in connections.indices where descriptors[index + 1].revents != 0 || connections[index].mayHideInput {
            pool.ready(connections[index], forOutput: descriptors[index + 1].revents & Int16(POLLOUT) != 0)
        }
    }
}
