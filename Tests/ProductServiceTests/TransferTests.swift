// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import ServiceTesting
import Testing

@Suite(.serialized) struct `Import and export` {
    private func run(
        _ arguments: [String], in folder: TemporaryFolder, input: String? = nil
    ) async throws -> (code: Int32, process: ServiceProcess) {
        let process = try ServiceProcess(
            arguments + ["--database-url", "sqlite:\(folder("products.db"))"], input: input.map { Array($0.utf8) })
        return (try await process.exitCode(within: .seconds(300)), process)
    }

    private func export(_ folder: TemporaryFolder) async throws -> [String] {
        let (code, process) = try await run(["export"], in: folder)
        #expect(code == 0, "\(process.log)")
        return String(decoding: process.standardOutput, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The peak memory the process has told, in MiB.
    private func peakMemory(_ process: ServiceProcess) throws -> Int {
        let match = try #require(process.log.firstMatch(of: #/peak memory (\d+) MiB/#))
        return try #require(Int(match.1))
    }

    @Test func `100,000 products come out as they went in, in bounded memory`() async throws {
        let folder = try TemporaryFolder()
        let lines = (0..<100_000).map { number in
            let text = ["é", "\\ud83d\\ude00", "日本", "\\\"quoted\\\"", "\\n\\t"][number % 5]
            return
                #"{"name":"Product \#(number) \#(text)","description":"\#(String(repeating: "d", count: number % 500))","price":\#(number % 9999).\#(10 + number % 90)}"#
        }
        try lines.joined(separator: "\n").write(toFile: folder("in.ndjson"), atomically: true, encoding: .utf8)
        let imported = try await run(["import", folder("in.ndjson")], in: folder)
        #expect(imported.code == 0, "\(imported.process.log)")
        #expect(imported.process.log.contains("100000 products added, 0 lines refused"))
        let exported = try await run(["export"], in: folder)
        #expect(exported.code == 0)
        let output = String(decoding: exported.process.standardOutput, as: UTF8.self).split(separator: "\n").map(
            String.init)
        #expect(output.count == 100_000)
        for (sent, came) in zip(lines, output) {
            let sent = try object(sent), came = try object(came)
            let same =
                sent["name"] as? String == came["name"] as? String
                && sent["description"] as? String == came["description"] as? String
                && sent["price"] as? Double == came["price"] as? Double
            if !same { Issue.record("\(sent) came as \(came)") }
        }
        // A copy restored from the export is the same to the last byte.
        let copy = try TemporaryFolder()
        try Data(exported.process.standardOutput).write(to: URL(fileURLWithPath: copy("all.ndjson")))
        let restored = try await run(["import", copy("all.ndjson")], in: copy)
        #expect(restored.code == 0)
        #expect(try await export(copy) == output)

        let peaks = try [imported.process, exported.process, restored.process].map(peakMemory)
        print("import of 100,000 products: peak \(peaks[0]) MiB, export \(peaks[1]) MiB, restore \(peaks[2]) MiB")
        #expect(peaks.allSatisfy { $0 < 128 }, "\(peaks)")
    }

    private func object(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func `a wrong line stops the import behind the lines before it, and says how to go on`() async throws {
        let folder = try TemporaryFolder()
        let input = "{\"name\":\"a\",\"price\":1}\n\n{\"name\":\"b\",\"price\":0}\n{\"name\":\"c\",\"price\":1}\n"
        let (code, process) = try await run(["import", "-"], in: folder, input: input)
        #expect(code == 65)
        #expect(
            process.log.contains("line 3: /price must be from 0.01") && process.log.contains("tail -n +3"),
            "\(process.log)")
        #expect(try await export(folder).count == 1)
    }

    @Test func `wrong lines are skipped when asked to, each told by its number`() async throws {
        let folder = try TemporaryFolder()
        let long = String(repeating: "x", count: 100_000)
        let input = [
            #"{"name":"a","price":1}"#, "{", #"{"name":"b","price":1.001}"#, #"{"name":"c","price":1,"extra":1}"#, long,
            #"{"id":"x","name":"d","price":1}"#, "[]", #"{"name":"e","price":1}"#, "\u{fffd}",
            "{\"name\":\"f\",\"price\":2}\r", "   ",
        ].joined(separator: "\n")
        let (code, process) = try await run(["import", "-", "--skip-invalid"], in: folder, input: input)
        #expect(code == 0, "\(process.log)")
        for line in [2, 3, 4, 5, 6, 7, 9] { #expect(process.log.contains("line \(line): "), "\(line): \(process.log)") }
        #expect(process.log.contains("3 products added, 7 lines refused"))
        let names = try await export(folder).map { try object($0)["name"] as? String }
        #expect(names == ["a", "e", "f"])
    }

    @Test func `products that are there already are told and left alone`() async throws {
        let folder = try TemporaryFolder()
        let first = try await run(["import", "-"], in: folder, input: #"{"name":"a","price":1}"#)
        #expect(first.code == 0)
        let before = try await export(folder)
        let again = try await run(
            ["import", "-"], in: folder, input: before.joined().replacing("\"a\"", with: "\"b\""))
        #expect(again.code == 0 && again.process.log.contains("line 1: a product with this id is there already"))
        #expect(try await export(folder) == before)
    }

    @Test func `a dry run checks and adds nothing`() async throws {
        let folder = try TemporaryFolder()
        let good = try await run(["import", "-", "--dry-run"], in: folder, input: #"{"name":"a","price":1}"#)
        #expect(good.code == 0 && good.process.log.contains("1 products checked"))
        let bad = try await run(["import", "-", "--dry-run"], in: folder, input: #"{"name":"a"}"#)
        #expect(bad.code == 65 && bad.process.log.contains("/price is required"))
        #expect(!FileManager.default.fileExists(atPath: folder("products.db")))
    }

    @Test func `an import that cannot write says why and where to go on, and what it added before is there`()
        async throws
    {
        let folder = try TemporaryFolder()
        #expect(try await run(["import", "-"], in: folder, input: #"{"name":"a","price":1}"#).code == 0)
        var holding = Configuration()
        holding.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder("products.db"), configuration: holding)
        let lines = Array(repeating: #"{"name":"b","price":1}"#, count: 600).joined(separator: "\n")
        try lines.write(toFile: folder("in.ndjson"), atomically: true, encoding: .utf8)
        // The probe of a held database fails too: the import does not begin.
        try other.inDatabase { try $0.execute(sql: "begin exclusive") }
        let held = try await run(["import", folder("in.ndjson")], in: folder)
        #expect(held.code == 1 && held.process.log.contains("another process holds it"), "\(held.process.log)")
        try other.inDatabase { try $0.execute(sql: "rollback") }
        try other.close()
        #expect(try await export(folder).count == 1)
        // A small disk fills up behind some batches.
        let small = try TemporaryFolder()
        let big = (0..<20_000).map {
            #"{"name":"P\#($0)","description":"\#(String(repeating: "d", count: 500))","price":1}"#
        }
        let database = ["--database-url", "sqlite:\(small("products.db"))"]
        let process = try ServiceProcess(
            ["import", "-"] + database, launcher: Confinement.smallDisk(at: small.path, size: "4m"),
            input: Array(big.joined(separator: "\n").utf8))
        #expect(try await process.exitCode() == 1)
        let line = try #require(process.log.firstMatch(of: #/tail -n \+(\d+) FILE/#).flatMap { Int($0.1) })
        #expect(process.log.contains("no space left") && line > 1 && (line - 1) % 500 == 0, "\(process.log)")
    }

    @Test func `an export creates no database, and needs only to read one`() async throws {
        let folder = try TemporaryFolder()
        let missing = try await run(["export"], in: folder)
        #expect(missing.code == 1 && missing.process.standardOutput.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: folder("products.db")))
        #expect(try await run(["import", "-"], in: folder, input: #"{"name":"a","price":1}"#).code == 0)
        chmod(folder("products.db"), 0o444)
        let database = ["--database-url", "sqlite:\(folder("products.db"))"]
        let process = try ServiceProcess(["export"] + database, launcher: Confinement.ordinaryUser)
        #expect(try await process.exitCode() == 0, "\(process.log)")
        #expect(String(decoding: process.standardOutput, as: UTF8.self).contains(#""name":"a""#))
    }

    @Test func `a reader that goes away ends an export without a crash`() async throws {
        let folder = try TemporaryFolder()
        let lines = Array(repeating: #"{"name":"a","price":1}"#, count: 3000).joined(separator: "\n")
        #expect(try await run(["import", "-"], in: folder, input: lines).code == 0)
        let executable = ServiceProcess.executable.path
        let script =
            "'\(executable)' export --database-url 'sqlite:\(folder("products.db"))' 2>&1 | head -n 1; echo ${PIPESTATUS[0]}"
        #expect(try await ChildProcess.run(["bash", "-c", script + " > '\(folder("code"))'"]) == 0)
        #expect(try String(contentsOfFile: folder("code"), encoding: .utf8) == "1\n")
    }

    @Test func `what cannot be read or kept is said`() async throws {
        let folder = try TemporaryFolder()
        let missing = try await run(["import", folder("none.ndjson")], in: folder)
        #expect(missing.code == 1 && missing.process.log.contains("none.ndjson"))
        let memory = try ServiceProcess(["export", "--database-url", "memory:"])
        #expect(try await memory.exitCode() == 78 && memory.log.contains("DATABASE_URL"))
    }

    @Test func `a service and an import share the database`() async throws {
        let service = try await RunningService.start()
        async let created = service.client.create()
        let (code, process) = try await run(["import", "-"], in: service.folder, input: #"{"name":"a","price":1}"#)
        #expect(code == 0, "\(process.log)")
        #expect(try await created.status == 201)
        let page = try await service.client.send("GET", ServiceClient.products)
        #expect(try page.member("products", as: [Any].self).count == 2)
        try await service.stop()
    }
}
