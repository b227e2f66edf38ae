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
                        "POST", ServiceClient.products, [("Idempotency-Key", key)], json: ServiceClient.laptop)
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
            let started = ContinuousClock.now
            let service = try await RunningService.start(in: folder)
            #expect(ContinuousClock.now - started < .seconds(5), "K4: ready within 5 s")
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
                "POST", ServiceClient.products, [("Idempotency-Key", key)], json: ServiceClient.laptop)
            #expect(answer.status == 201)
            if let acknowledged { #expect(answer.text == acknowledged, "C14: the retry gives the first answer") }
        }
        for path in ledger.plain {
            #expect(try await service.client.send("GET", path).status == 200, "\(path) was acknowledged and is gone")
        }
        try await service.stop()

        let database = try DatabaseQueue(path: folder("products.db"))
        try await database.read { database in
            #expect(try String.fetchAll(database, sql: "pragma integrity_check") == ["ok"])
            let count = try Int.fetchOne(database, sql: "select count(*) from products") ?? 0
            let keys = try Int.fetchOne(database, sql: "select count(*) from idempotency_keys") ?? 0
            #expect(keys == keyed.count)
            // Each key made one product; writers without a key may have made one more each round than they were told.
            #expect((keyed.count + ledger.plain.count...keyed.count + ledger.plain.count + Self.rounds).contains(count))
        }
        let inDoubt = keyed.values.count { $0 == nil }
        print(
            "ledger: \(keyed.count + ledger.plain.count) writes, \(inDoubt) in doubt, 0 missing, \(Self.rounds) crashes"
        )
        #expect(keyed.count - inDoubt > Self.rounds)
    }
}
