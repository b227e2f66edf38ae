// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ServiceTesting
import Synchronization
import Testing

/// What clients did to one product, and what they were told.
private final class History: Sendable {
    struct Update {
        /// The version the client knew, which it made its write depend on.
        let from: Int
        /// What it wrote: no two write the same.
        let name: String
        /// The version it was told that it made; nil when it was told nothing of the kind.
        let to: Int?
    }

    private let entries = Mutex<[Update]>([])
    private let refused = Mutex<[String]>([])

    /// The names of the writes that were refused: they must not have happened.
    var refusals: [String] { refused.withLock { $0 } }
    func refuse(_ name: String) { refused.withLock { $0.append(name) } }
    func note(_ update: Update) { entries.withLock { $0.append(update) } }
    var updates: [Update] { entries.withLock { $0 } }
    var acknowledgedCount: Int { entries.withLock { $0.count { $0.to != nil } } }
}

@Suite(.serialized) struct `The history of one product` {
    /// Reads the product, and writes it on condition that it is still what was read.
    private func edit(
        _ path: String, as writer: Int, _ client: ServiceClient, _ history: History, until stop: StopFlag
    ) async throws {
        for number in 0... {
            if stop.isRaised { return }
            let read = try await client.send("GET", path)
            guard read.status == 200, let tag = read.header("ETag") else { continue }
            let version = try read.member("version", as: Int.self)
            let name = "\(writer)-\(number)"
            let answer = try await client.send("PUT", path, [("If-Match", tag)], json: #"{"name":"\#(name)"}"#)
            switch answer.status {
            case 200:
                #expect(try answer.member("name") == name)
                history.note(.init(from: version, name: name, to: try answer.member("version", as: Int.self)))
            case 503 where try answer.member("type") == "/problems/store-unavailable": history.refuse(name)
            case 503, 504: history.note(.init(from: version, name: name, to: nil))
            case 412: history.refuse(name)
            default: Issue.record("\(answer.status) \(answer.text)")
            }
        }
    }

    @Test func `K20: under faults its versions form one chain, and no acknowledged update is lost`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url())
        let path = try #require(try await service.client.create().header("Location"))
        // The database's own record of what became of the product, whatever anyone was told.
        try await server.execute(
            """
            create table history (version bigint, name text);
            create function note() returns trigger language plpgsql as
            $$ begin insert into history values (new.version, new.name); return new; end $$;
            create trigger note after update on products for each row execute function note();
            """)
        let history = History()
        let stop = StopFlag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<6 {
                group.addTask { try await edit(path, as: writer, service.client, history, until: stop) }
            }
            for fault in 0..<12 {
                // However slow the machine is: some go well between two faults.
                let count = history.acknowledgedCount
                try await wait(for: "updates between two faults") { history.acknowledgedCount >= count + 5 }
                try await Task.sleep(for: .milliseconds(Int.random(in: 0...100)))
                switch fault % 4 {
                case 0: try await server.restart(SIGKILL)
                case 1: try await server.restart(SIGINT)
                case 2:
                    try await server.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'product-service'"
                    )
                default:
                    server.signalAll(SIGSTOP)
                    // Once beyond the limit of a statement, so that connections are given up with work on them.
                    try await Task.sleep(for: .milliseconds(fault == 3 ? 3500 : 400))
                    server.signalAll(SIGCONT)
                }
            }
            stop.raise()
            try await group.waitForAll()
        }

        let lines = try await server.execute("select version, name from history order by version").split(
            separator: "\n")
        let chain = lines.map { $0.split(separator: "|").map(String.init) }
        #expect(chain.map { Int($0[0]) } == Array(2..<chain.count + 2), "one version after the other, each once")
        let names = Dictionary(chain.map { ($0[1], Int($0[0]) ?? 0) }) { first, _ in first }
        #expect(names.count == chain.count, "no update happened twice")
        let acknowledged = history.updates.filter { $0.to != nil }
        for update in acknowledged {
            #expect(update.to == update.from + 1)
            #expect(names[update.name] == update.to, "\(update.name) was acknowledged as version \(update.to ?? 0)")
        }
        for update in history.updates where update.to == nil {
            if let version = names[update.name] { #expect(version == update.from + 1) }
        }
        #expect(history.refusals.filter { names[$0] != nil } == [], "what was refused has not happened")
        let last = try await service.client.send("GET", path)
        #expect(try last.member("version", as: Int.self) == chain.count + 1)
        print(
            "history: \(chain.count) updates, \(acknowledged.count) acknowledged, \(history.updates.count - acknowledged.count) in doubt"
        )
        #expect(acknowledged.count > 50)
        try await service.stop()
    }
}
