// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import ServiceTesting
import StructuredLogging
import Testing

@Suite struct `The log writer` {
    private static let identity = LogIdentity(serviceName: "test", serviceVersion: "1")

    /// Logs into a file, and returns its lines.
    private func lines(
        _ format: LogFormat = .json, provider: Logger.MetadataProvider? = nil, _ body: (Logger) throws -> Void
    ) throws -> [String] {
        let folder = try TemporaryFolder()
        #expect(FileManager.default.createFile(atPath: folder("log"), contents: nil))
        let file = try #require(FileHandle(forWritingAtPath: folder("log")))
        let writer = LogWriter(descriptor: file.fileDescriptor, format: format, identity: Self.identity)
        var logger = Logger(label: "tests") {
            StructuredLogHandler(label: $0, writer: writer, level: .trace, metadataProvider: provider)
        }
        logger[metadataKey: "own"] = "o"
        try body(logger)
        #expect(writer.flush(within: .seconds(10)) && writer.droppedCount == 0)
        let text = try String(contentsOfFile: folder("log"), encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n").map(String.init)
    }

    private func object(_ line: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func `a line holds the time, the level, the message, the logger, the service and the metadata`() throws {
        let lines = try lines { $0.warning("hello", metadata: ["a": "b", "list": ["x", ["y": "z"]]]) }
        let line = try object(try #require(lines.first))
        #expect(line["level"] as? String == "warning" && line["message"] as? String == "hello")
        #expect(line["logger"] as? String == "tests" && line["service.name"] as? String == "test")
        #expect(
            line["service.version"] as? String == "1" && line["own"] as? String == "o" && line["a"] as? String == "b")
        #expect((line["list"] as? [Any])?.count == 2)
        let time = try #require(line["timestamp"] as? String)
        #expect(time.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#) != nil)
        let parsed = try Date(time, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        #expect(abs(parsed.timeIntervalSinceNow) < 3600)
    }

    @Test func `metadata cannot take the place of what a line always has`() throws {
        let names = ["timestamp", "level", "message", "logger", "service.name", "request.id", "trace_id"]
        let metadata = Logger.Metadata(uniqueKeysWithValues: names.map { ($0, "forged") })
        let provider = Logger.MetadataProvider { ["request.id": "r1"] }
        let text = try #require(try lines(provider: provider) { $0.info("x", metadata: metadata) }.first)
        let line = try object(text)
        #expect(line["request.id"] as? String == "r1" && line["level"] as? String == "info")
        #expect(line["trace_id"] == nil)
        for name in names { #expect(line["metadata.\(name)"] as? String == "forged") }
        #expect(text.components(separatedBy: "\"level\":").count == 2)
    }

    @Test func `what could break a line or a terminal is escaped, and reads back the same`() throws {
        let hostile =
            String(String.UnicodeScalarView((0...0xa1).compactMap { Unicode.Scalar(UInt32($0)) }))
            + "\u{2028}\u{2029}\u{1f600}é"
        let text = try #require(try lines { $0.info("\(hostile)", metadata: ["k\n": "\(hostile)"]) }.first)
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f..<0xa0).contains($0.value) })
        #expect(!text.contains("\u{2028}") && !text.contains("\u{2029}"))
        let line = try object(text)
        #expect(line["message"] as? String == hostile && line["k\n"] as? String == hostile)
    }

    @Test func `long strings are cut between characters, and nesting ends`() throws {
        var nested: Logger.MetadataValue = "deep"
        for _ in 0..<100 { nested = ["n": nested] }
        for shift in 0..<4 {
            let long = String(repeating: "a", count: shift) + String(repeating: "\u{1f600}", count: 1 << 18)
            let text = try #require(try lines { $0.info("\(long)", metadata: ["a": "\(long)", "n": nested]) }.first)
            #expect(text.utf8.count < 10_000)
            let message = try #require(try object(text)["message"] as? String)
            #expect(long.hasPrefix(message.dropLast()) && message.hasSuffix("…"))
        }
    }

    /// Logs while it is being described.
    private struct Talkative: CustomStringConvertible, Sendable {
        let logger: Logger

        var description: String {
            logger.info("from inside")
            return "talk"
        }
    }

    @Test func `what is logged may log itself while it is described`() throws {
        let lines = try lines { $0.info("outer", metadata: ["t": .stringConvertible(Talkative(logger: $0))]) }
        #expect(try lines.map { try object($0)["message"] as? String } == ["from inside", "outer"])
        #expect(try object(lines[1])["t"] as? String == "talk")
    }

    @Test func `a line stays within its limit, whatever it is given, and is still JSON`() throws {
        let long = String(repeating: "\u{1}", count: 2000)
        let wide = Logger.MetadataValue.array(Array(repeating: .string(long), count: 2000))
        let metadata = Logger.Metadata(uniqueKeysWithValues: (0..<200).map { ("key\($0)", wide) })
        let text = try #require(try lines { $0.info("\(long)", metadata: metadata) }.first)
        #expect(text.utf8.count < 64 << 10)
        #expect(try object(text)["level"] as? String == "info")
    }

    @Test func `as text, values that could be misread are quoted`() throws {
        let line = try #require(
            try lines(.text) { $0.info("hello there", metadata: ["a": "b c", "d": "e", "f": ""]) }.first)
        #expect(line.hasSuffix(#" info tests: hello there a="b c" d=e f="" own=o"#))
    }

    @Test func `lines of many threads come out whole, each once`() async throws {
        let lines = try await withThrowingTaskGroup(of: Void.self) { group in
            let folder = try TemporaryFolder()
            #expect(FileManager.default.createFile(atPath: folder("log"), contents: nil))
            let file = try #require(FileHandle(forWritingAtPath: folder("log")))
            let writer = LogWriter(
                descriptor: file.fileDescriptor, format: .json, identity: Self.identity, capacity: 8 << 20)
            for thread in 0..<8 {
                group.addTask {
                    for number in 0..<1000 {
                        writer.write(.info, "line", logger: "t") { $0.field("number", thread * 1000 + number) }
                    }
                }
            }
            try await group.waitForAll()
            #expect(writer.flush(within: .seconds(10)) && writer.droppedCount == 0)
            return try String(contentsOfFile: folder("log"), encoding: .utf8).split(separator: "\n").map(String.init)
        }
        #expect(Set(try lines.compactMap { try object($0)["number"] as? Int }) == Set(0..<8000) && lines.count == 8000)
    }

    @Test func `while nobody reads, logging does not wait; lines are dropped and counted`() throws {
        let pipe = Pipe()
        let writer = LogWriter(
            descriptor: pipe.fileHandleForWriting.fileDescriptor, format: .json, identity: Self.identity,
            capacity: 10_000)
        // First the pipe fills up, then the buffer.
        var count = 0
        repeat {
            for _ in 0..<50 { writer.write(.info, "line", logger: "t") { $0.field("number", count) } }
            count += 50
        } while writer.flush(within: .milliseconds(50)) || writer.droppedCount == 0
        let reader = pipe.fileHandleForReading
        let collected = Thread.reading(reader)
        #expect(writer.flush(within: .seconds(10)))
        let dropped = writer.droppedCount
        writer.write(.info, "last", logger: "t") { _ in }
        #expect(writer.flush(within: .seconds(10)))
        try pipe.fileHandleForWriting.close()
        let lines = try collected().split(separator: "\n").map { try object(String($0)) }
        #expect(lines.count { $0["message"] as? String == "line" } + dropped == count)
        #expect(lines.compactMap { $0["count"] as? Int }.reduce(0, +) == dropped)
    }
}

extension Thread {
    /// Reads a pipe to its end on a thread of its own. The function that is returned waits for that.
    fileprivate static func reading(_ handle: FileHandle) -> () -> String {
        let done = DispatchSemaphore(value: 0)
        nonisolated(unsafe) var data = Data()
        Thread.detachNewThread {
            data = (try? handle.readToEnd()) ?? Data()
            done.signal()
        }
        return {
            done.wait()
            return String(decoding: data, as: UTF8.self)
        }
    }
}
