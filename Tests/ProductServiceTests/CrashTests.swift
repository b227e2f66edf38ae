// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import ServiceTesting
import Synchronization
import Testing

/// What clients were told: by idempotency key, the body of the answer, or nil while none has come.
private final class Ledger: Sendable {
    private let entries = Mutex<(keyed: [String: String?], plain: [String])>(([:], []))

    func begin(_ key: String) { entries.withLock { $0.keyed[key] = .some(nil) } }
    func acknowledge(_ key: String, _ body: String) { entries.withLock { $0.keyed[key] = body } }
    func acknowledgePlain(_ path: String) { entries.withLock { $0.plain.append(path) } }
    var keyed: [String: String?] { entries.withLock { $0.keyed } }
    var plain: [String] { entries.withLock { $0.plain } }
}

@Suite(.serialized) struct `Crashes` {
    private static let rounds = 200
    /// Other products than those of the writers without a key, so that they can be told apart.
    private static let keyed = #"{"name":"Keyed","price":1}"#

    private func write(_ client: ServiceClient, _ ledger: Ledger, round: Int, writer: Int) async {
        for number in 0... {
            do {
                if writer == 0 {
                    let answer = try await client.create()
                    guard answer.status == 201, let path = answer.header("Location") else { return }
                    ledger.acknowledgePlain(path)
                } else {
                    let key = "\(round)-\(writer)-\(number)"
                    ledger.begin(key)
                    let answer = try await client.send(
                        "POST", ServiceClient.products, [("Idempotency-Key", key)], json: Self.keyed)
                    guard answer.status == 201 else { return }
                    ledger.acknowledge(key, answer.text)
                }
            } catch {
                return
            }
        }
    }

    @Test func `C14, D16, K4: 200 times kill -9 under writes loses nothing that was acknowledged`() async throws {
        let folder = try TemporaryFolder()
        let ledger = Ledger()
        for round in 0..<Self.rounds {
            let stopwatch = Stopwatch()
            let service = try await RunningService.start(in: folder)
            #expect(stopwatch.elapsed < .seconds(5), "K4: ready within 5 s")
            await withTaskGroup { group in
                for writer in 0..<4 {
                    group.addTask { await write(service.client, ledger, round: round, writer: writer) }
                }
                group.addTask {
                    try? await Task.sleep(for: .milliseconds(Int.random(in: 5...60)))
                    service.process.kill(SIGKILL)
                }
            }
            #expect(try await service.process.exitCode() == -SIGKILL)
        }

        let service = try await RunningService.start(in: folder)
        let keyed = ledger.keyed
        for (key, acknowledged) in keyed {
            let answer = try await service.client.send(
                "POST", ServiceClient.products, [("Idempotency-Key", key)], json: Self.keyed)
            #expect(answer.status == 201)
            if let acknowledged { #expect(answer.text == acknowledged, "C14: the retry gives the first answer") }
        }
        var missing: [String] = []
        for path in ledger.plain where try await service.client.send("GET", path).status != 200 { missing.append(path) }
        #expect(missing == [])
        try await service.stop()

        let database = try DatabaseQueue(path: folder("products.db"))
        func count(_ table: String) async throws -> Int {
            try await database.read { try Int.fetchOne($0, sql: "select count(*) from \(table)") ?? 0 }
        }
        #expect(try await database.read { try String.fetchAll($0, sql: "pragma integrity_check") } == ["ok"])
        #expect(try await count("idempotency_keys") == keyed.count)
        #expect(try await count("products where name = 'Keyed'") == keyed.count, "C14: one row for each key")
        #expect(try await count("products where name = 'Laptop'") >= ledger.plain.count)
        let inDoubt = keyed.values.count { $0 == nil }
        print(
            "ledger: \(keyed.count + ledger.plain.count) writes, \(inDoubt) in doubt, \(missing.count) missing, \(Self.rounds) crashes"
        )
        #expect(keyed.count - inDoubt > Self.rounds)
    }
}
