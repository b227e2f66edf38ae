// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ServiceTesting
import Synchronization
import Testing

/// What clients were told of the products they asked for.
private final class Acknowledgements: Sendable {
    private struct Entries {
        /// By the idempotency key: the body of the answer, or nil while none has come.
        var keyed: [String: String?] = [:]
        var plain: [String] = []
        var refused = 0
        var unexpected: [String] = []
        /// The names of products that were certainly not created.
        var denied: [String] = []
    }

    private let entries = Mutex(Entries())

    func begin(_ key: String) { entries.withLock { $0.keyed[key] = .some(nil) } }
    func acknowledge(_ key: String, _ body: String) { entries.withLock { $0.keyed[key] = body } }
    func acknowledge(_ path: String) { entries.withLock { $0.plain.append(path) } }
    func refuse(_ response: HTTPMessage.Response, name: String? = nil) {
        let isCertain = (try? response.member("type") == "/problems/store-unavailable") == true
        entries.withLock {
            $0.refused += 1
            if let name, isCertain { $0.denied.append(name) }
            if response.status != 503 { $0.unexpected.append("\(response.status) \(response.text)") }
        }
    }
    var keyed: [String: String?] { entries.withLock { $0.keyed } }
    var plain: [String] { entries.withLock { $0.plain } }
    var denied: Set<Substring> { entries.withLock { Set($0.denied.map { $0[...] }) } }
    var refused: Int { entries.withLock { $0.refused } }
    var unexpected: [String] { entries.withLock { $0.unexpected } }
}

@Suite(.serialized) struct `Crashes of PostgreSQL` {
    private static let rounds = 50
    private static let keyed = #"{"name":"Keyed","price":1}"#

    /// Writes until told to stop, through whatever happens; with keys, every refused write is sent again.
    private func write(
        _ client: ServiceClient, _ ledger: Acknowledgements, writer: String, until stop: StopFlag
    ) async throws {
        for number in 0... {
            if stop.isRaised { return }
            if writer.hasPrefix("plain") {
                let name = "Plain \(writer) \(number)"
                let answer = try await client.create(#"{"name":"\#(name)","price":1}"#)
                if answer.status == 201 {
                    ledger.acknowledge(answer.header("Location") ?? "")
                } else {
                    ledger.refuse(answer, name: name)
                }
            } else {
                let key = "\(writer)-\(number)"
                ledger.begin(key)
                for _ in 0..<1000 {
                    let answer = try await client.send(
                        "POST", ServiceClient.products, [("Idempotency-Key", key)], json: Self.keyed)
                    if answer.status == 201 {
                        ledger.acknowledge(key, answer.text)
                        break
                    }
                    ledger.refuse(answer)
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }

    private func descriptorCount(of service: RunningService) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(service.process.identifier)/fd").count
    }

    @Test func `D1, D2, C14: 50 crashes and restarts under writes lose nothing that was acknowledged`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url())
        let ledger = Acknowledgements()
        let stop = StopFlag()
        let descriptors = try descriptorCount(of: service)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                let writer = number % 2 == 0 ? "plain-\(number)" : "keyed-\(number)"
                group.addTask { try await write(service.client, ledger, writer: writer, until: stop) }
            }
            for round in 0..<Self.rounds {
                try await Task.sleep(for: .milliseconds(Int.random(in: 20...200)))
                try await server.restart([SIGKILL, SIGKILL, SIGQUIT, SIGINT][round % 4])
                try await wait(for: "a write after the restart", within: .seconds(2)) {
                    try await service.client.create(#"{"name":"Probe","price":1}"#).status == 201
                }
            }
            stop.raise()
            try await group.waitForAll()
        }
        #expect(ledger.unexpected == [])

        let keyed = ledger.keyed
        for (key, acknowledged) in keyed {
            let answer = try await service.client.send(
                "POST", ServiceClient.products, [("Idempotency-Key", key)], json: Self.keyed)
            #expect(answer.status == 201)
            if let acknowledged { #expect(answer.text == acknowledged, "C14: the retry gives the first answer") }
        }
        let present = Set(
            try await server.execute("select id from products where name like 'Plain%'").split(separator: "\n"))
        let missing = ledger.plain.filter { !present.contains($0.split(separator: "/").last ?? "") }
        #expect(missing == [])
        let names = Set(
            try await server.execute("select name from products where name like 'Plain%'").split(separator: "\n"))
        #expect(ledger.denied.intersection(names) == [], "what was denied has not happened")
        #expect(Set(ledger.plain).count == ledger.plain.count)
        let count = try await server.execute("select count(*) from products where name = 'Keyed'")
        #expect(count == "\(keyed.count)\n", "C14: one row for each key")
        #expect(try await server.execute("select count(*) from idempotency_keys") == count)
        print(
            "ledger: \(ledger.plain.count) plain and \(keyed.count) keyed writes acknowledged,",
            "\(ledger.refused) refused, \(missing.count) missing, \(Self.rounds) crashes")
        try await wait(for: "descriptors as before") { try descriptorCount(of: service) <= descriptors + 8 }
        let open = try await server.execute(
            "select count(*) from pg_stat_activity where application_name = 'product-service'")
        #expect((1...8).contains(Int(open.dropLast()) ?? 0))
        #expect(ledger.plain.count > Self.rounds && keyed.count > Self.rounds && ledger.refused > 0)
        try await service.stop()
    }

    @Test func `C14, K4: 200 times kill -9 of the service between commit and answer leaves one row for each key`()
        async throws
    {
        let server = try await PostgresServer.start()
        let ledger = Acknowledgements()
        for round in 0..<200 {
            let service = try await RunningService.start(on: server.url())
            await withTaskGroup { group in
                for writer in 0..<4 {
                    group.addTask {
                        try? await write(
                            service.client, ledger, writer: "keyed-\(round)-\(writer)", until: StopFlag())
                    }
                }
                try? await Task.sleep(for: .milliseconds(Int.random(in: 10...60)))
                service.process.kill(SIGKILL)
            }
            try await service.process.exitCode()
        }
        let service = try await RunningService.start(on: server.url())
        let keyed = ledger.keyed
        for (key, acknowledged) in keyed {
            let answer = try await service.client.send(
                "POST", ServiceClient.products, [("Idempotency-Key", key)], json: Self.keyed)
            #expect(answer.status == 201)
            if let acknowledged { #expect(answer.text == acknowledged) }
        }
        #expect(try await server.execute("select count(*) from products") == "\(keyed.count)\n")
        #expect(keyed.count > 200)
        try await service.stop()
    }
}
