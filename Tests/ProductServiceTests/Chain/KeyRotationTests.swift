// SPDX-License-Identifier: Apache-2.0

import Foundation
import JWT
import ServiceTesting
import Synchronization
import Testing

@Suite(.serialized) struct `Keys of tokens` {
    private struct Key {
        let id: String
        let bytes = (0..<48).map { _ in UInt8.random(in: 0...255) }

        var json: String { #"{"kty":"oct","kid":"\#(id)","k":"\#(Base64URL.encode(bytes))"}"# }

        func token() throws -> String {
            let now = Int64(Date().timeIntervalSince1970)
            let claims = TokenClaims(subject: "a", scope: "products:read", expiresAt: now + 600, issuedAt: now)
            return try TokenSigner(keys: try KeySet(rawKey: bytes, id: id)).sign(claims)
        }
    }

    /// Clients that send a token that may be exchanged at any time: good as long as its key is in the file.
    private final class TokenLoad: Sendable {
        private let port: Int
        private let token: Mutex<(text: String, generation: Int)>
        /// Which token each client has last sent and had answered.
        private let generations = Mutex<[Int]>([])
        private let isOver = Atomic(false)
        private let statuses = Mutex<(answered: Int, refused: [Int])>((0, []))

        init(port: Int, token: String) {
            self.port = port
            self.token = Mutex((token, 0))
        }

        var answered: Int { statuses.withLock { $0.answered } }
        var refused: [Int] { statuses.withLock { $0.refused } }

        /// Exchanges the token, and waits until every client has had an answer to the new one.
        func use(_ text: String) async throws {
            let generation = token.withLock { token in
                token = (text, token.generation + 1)
                return token.generation
            }
            try await wait(for: "every client") { generations.withLock { $0.allSatisfy { $0 >= generation } } }
        }

        func stop() { isOver.store(true, ordering: .relaxed) }

        func run() async throws {
            let connection = try await HTTPConnection.connect(to: port)
            let number = generations.withLock { generations in
                generations.append(-1)
                return generations.count - 1
            }
            while !isOver.load(ordering: .relaxed) {
                let (text, generation) = token.withLock { $0 }
                let authorization = [(name: "Authorization", value: "Bearer \(text)")]
                try await connection.send(ServiceClient.request("GET", ServiceClient.products, authorization))
                let status = try await connection.receive().status
                statuses.withLock {
                    $0.answered += 1
                    if status != 200 { $0.refused.append(status) }
                }
                generations.withLock { $0[number] = generation }
            }
            await connection.close()
        }
    }

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Puts a key set where the service reads it, as Kubernetes does: a new folder, and a link swapped to it.
    private func mount(_ keys: Key..., text: String? = nil) throws {
        let version = "..\(UUID().uuidString)"
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder(version), withIntermediateDirectories: true)
        let text = text ?? #"{"keys":[\#(keys.map(\.json).joined(separator: ","))]}"#
        let created = manager.createFile(
            atPath: folder("\(version)/keys.json"), contents: Data(text.utf8), attributes: [.posixPermissions: 0o640])
        try #require(created)
        try manager.createSymbolicLink(atPath: folder("..data_tmp"), withDestinationPath: version)
        try #require(rename(folder("..data_tmp"), folder("..data")) == 0)
        if !manager.fileExists(atPath: folder("keys.json")) {
            try manager.createSymbolicLink(atPath: folder("keys.json"), withDestinationPath: "..data/keys.json")
        }
    }

    private func start() async throws -> RunningService {
        try await RunningService.start(
            in: folder, ["--reload-interval", "50ms"],
            environment: ["JWT_SECRET": "", "JWT_KEYS_FILE": folder("keys.json")])
    }

    private func status(_ service: RunningService, _ token: String) async throws -> Int {
        try await service.client.send("GET", ServiceClient.products, [("Authorization", "Bearer \(token)")]).status
    }

    @Test func `T21: keys are rotated under load: no valid token is refused, and the old key is, once it is gone`()
        async throws
    {
        var old = Key(id: "0")
        try mount(old)
        let service = try await start()
        let load = TokenLoad(port: service.client.port, token: try old.token())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try await load.run() } }
            for round in 1...5 {
                let next = Key(id: "\(round)")
                try mount(old, next)
                try await wait(for: "the new key") { try await status(service, try next.token()) == 200 }
                try await load.use(try next.token())
                let last = try old.token()
                #expect(try await status(service, last) == 200)
                try mount(next)
                try await wait(for: "the end of the old key") { try await status(service, last) == 401 }
                old = next
            }
            load.stop()
            try await group.waitForAll()
        }
        #expect(load.refused == [] && load.answered > 50)
        let metrics = try await service.metrics()
        #expect(metrics["auth_key_set_keys"] == 1 && metrics["auth_key_set_reload_failures_total"] == 0)
        try await service.stop()
        #expect(!service.process.log.contains(Base64URL.encode(old.bytes)))
    }

    @Test func `T21: a bad file keeps the last good keys, is counted and told`() async throws {
        let key = Key(id: "a")
        try mount(key)
        let service = try await start()
        for (number, text) in ["", String(key.json.dropLast(20)), #"{"keys":[]}"#].enumerated() {
            try mount(text: text)
            if number == 0 { try await service.wait(forLog: "cannot be replaced") }
            #expect(try await status(service, try key.token()) == 200)
        }
        try await wait(for: "the count of failures") {
            (try await service.metrics()["auth_key_set_reload_failures_total"] ?? 0) >= 2
        }
        let other = Key(id: "b")
        try mount(other)
        try await wait(for: "the new key") { try await status(service, try other.token()) == 200 }
        #expect(try await status(service, try key.token()) == 401)
        try await service.stop()
    }

    @Test(
        arguments: [
            (["JWT_SECRET": ""], "JWT_KEYS_FILE"), (["JWT_SECRET": "x"], "JWT_SECRET"),
            (["JWT_SECRET": "hunter2hunter2hunter2hunter2hun"], "31 bytes"),
            (["JWT_SECRET": "", "JWT_SECRET_FILE": "/nonexistent"], "JWT_SECRET_FILE"),
            (["JWT_SECRET": "", "JWT_KEYS_FILE": "/nonexistent"], "JWT_KEYS_FILE"),
            (["JWT_SECRET": "-----BEGIN PUBLIC KEY-----hunter2hunter2hunter2hunter2"], "public key"),
            (["JWT_KEYS_FILE": "/nonexistent"], "only one of"),
            (["JWT_LEEWAY": "10m"], "JWT_LEEWAY"), (["JWT_MAX_LIFETIME": "0s"], "JWT_MAX_LIFETIME"),
            (["RATE_LIMIT_RATE": "100"], "RATE_LIMIT_RATE"), (["RATE_LIMIT_RATE": "0/s"], "RATE_LIMIT_RATE"),
            (["RATE_LIMIT_RATE": "1/d", "RATE_LIMIT_BURST": "1000000"], "RATE_LIMIT_BURST"),
            (["RATE_LIMIT_MODE": "on"], "RATE_LIMIT_MODE"), (["TRUSTED_PROXIES": "10.0.0.1/8"], "TRUSTED_PROXIES"),
            (["TRUSTED_PROXIES": "proxy.example"], "TRUSTED_PROXIES"),
            (["TRACE_SAMPLING_RATIO": "2"], "TRACE_SAMPLING_RATIO"),
        ] as [([String: String], String)])
    func `T4, K12: the service does not start with a key or a setting that is wrong`(
        environment: [String: String], word: String
    ) async throws {
        let process = try ServiceProcess(["serve", "--database-url", "memory:"], environment: environment)
        #expect(try await process.exitCode(within: .seconds(5)) == 78, "\(process.log)")
        #expect(process.log.contains(word) && process.log.hasPrefix("product-service: "), "\(process.log)")
        #expect(!process.log.contains("hunter2"))
    }

    @Test func `K12: a key file that everyone may read stops the start`() async throws {
        let path = folder("secret")
        let isMade = FileManager.default.createFile(
            atPath: path, contents: Data(String(repeating: "s", count: 40).utf8), attributes: [.posixPermissions: 0o644]
        )
        try #require(isMade)
        let process = try ServiceProcess(["serve"], environment: ["JWT_SECRET": "", "JWT_SECRET_FILE": path])
        #expect(try await process.exitCode(within: .seconds(5)) == 78)
        #expect(process.log.contains("chmod") && !process.log.contains("ssss"))
    }

    @Test func `token signs what the service takes, and verify-tokens says why one is refused`() async throws {
        let (key, other) = (Key(id: "a"), Key(id: "b"))
        try mount(key, other)
        let environment = ["JWT_SECRET": "", "JWT_KEYS_FILE": folder("keys.json"), "JWT_AUDIENCE": "shop"]
        func run(_ arguments: [String], input: String? = nil) async throws -> (code: Int32, output: String, log: String)
        {
            let process = try ServiceProcess(arguments, environment: environment, input: input.map { Array($0.utf8) })
            let code = try await process.exitCode()
            return (code, String(decoding: process.standardOutput, as: UTF8.self), process.log)
        }
        let service = try await RunningService.start(in: folder, environment: environment)
        var tokens = ""
        for kid in [[], ["--kid", "b"]] {
            let signed = try await run(["token", "--subject", "ada", "--expires-in", "5m"] + kid)
            #expect(signed.code == 0)
            let token = signed.output.trimmingCharacters(in: .newlines)
            #expect(try await status(service, token) == 200)
            tokens += token + "\n"
        }
        let verified = try await run(["verify-tokens"], input: tokens)
        #expect(verified.code == 0 && verified.output.split(separator: "\n").count == 2, "\(verified)")
        #expect(verified.output.hasPrefix("ok subject=ada scope=products:read\n"))
        let refused = try await run(["verify-tokens"], input: "x\n" + tokens + (try key.token()) + "\n")
        let lines = refused.output.split(separator: "\n")
        #expect(
            refused.code == 1 && lines.count == 4 && lines[0].hasPrefix("malformed: ")
                && lines[3].hasPrefix("audience: "))
        for arguments in [
            ["token"], ["token", "--subject", ""], ["token", "--subject", "a\nb"],
            ["token", "--subject", "a", "--scope", "a  b"],
            ["token", "--subject", "a", "--expires-in", "25h"], ["token", "--subject", "a", "--kid", "c"],
        ] {
            let wrong = try await run(arguments)
            #expect(wrong.code == 64 && wrong.output.isEmpty && !wrong.log.isEmpty, "\(arguments): \(wrong)")
        }
        try await service.stop()
    }
}
