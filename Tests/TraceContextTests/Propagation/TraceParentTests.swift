// SPDX-License-Identifier: Apache-2.0

import ProductsTesting
import Testing
import TraceContext

@Suite struct `traceparent` {
    private static let ids = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"

    /// Trace Context level 2, sections 3.2.3 and 4.3, and the cases of the W3C's test suite.
    @Test(arguments: [
        "00-\(ids)-01", "00-\(ids)-00", "00-\(ids)-02", "00-\(ids)-03", "00-\(ids)-ff", "01-\(ids)-01",
        "cc-\(ids)-01", "cc-\(ids)-01-what-the-future-will-be-like", "cc-\(ids)-01-", "fe-\(ids)-00",
    ])
    func `is read`(text: String) throws {
        let context = try #require(TraceParent.parse(text))
        #expect(context.traceID.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanID.description == "00f067aa0ba902b7")
        #expect(context.isSampled == ["01", "03", "ff"].contains(text.dropFirst(53).prefix(2)))
        #expect(context.flags.rawValue <= 3)
    }

    @Test(arguments: [
        "", "00", "00-\(ids)", "00-\(ids)-", "00-\(ids)-0", "00-\(ids)-01-", "00-\(ids)-01-x", "00-\(ids)-01x",
        "00-\(ids)-010", "cc-\(ids)-01.what", "cc-\(ids)-010", "ff-\(ids)-01", "FF-\(ids)-01", "0-\(ids)-01",
        "000-\(ids)-01", "0x-\(ids)-01", "CC-\(ids)-01", " 00-\(ids)-01", "00-\(ids)-01 ", "00-\(ids)-0A",
        "00_\(ids)-01", "00-\(ids)_01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-.bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e47-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e47361-0f067aa0ba902b7-01", "00-\(ids)-01,00-\(ids)-01",
        "00-\(ids)-0é", "00-\(ids)-01\0", String(repeating: "0", count: 65_536),
    ])
    func `K18: what is malformed is none`(text: String) { #expect(TraceParent.parse(text) == nil) }

    @Test func `is written as it was read`() throws {
        for flags in ["00", "01", "02", "03"] {
            let text = "00-\(Self.ids)-\(flags)"
            let context = try #require(TraceParent.parse(text))
            #expect(TraceParent.serialise(context) == text)
            var bytes: [UInt8] = []
            TraceParent.append(context, to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
    }

    @Test func `a hundred thousand mutations are read as the grammar says`() throws {
        let pattern = try Regex(
            "(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?<more>-.*)?"
        ).dotMatchesNewlines()
        let alphabet = Array("0123456789abcdefABCDEFg- .".utf8)
        var random = SeededGenerator(seed: 4)
        for _ in 0..<100_000 {
            var bytes = Array("00-\(Self.ids)-01".utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes.insert(byte, at: index)
                case 1: bytes.remove(at: index)
                case 2: bytes.append(byte)
                default: bytes[index] = byte
                }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let match = text.wholeMatch(of: pattern)
            let isVersionZero = text.hasPrefix("00")
            let isValid = match != nil && !(isVersionZero && text.utf8.count > 55)
            if (TraceParent.parse(text) != nil) != isValid {
                Issue.record("\(text) is \(isValid ? "" : "in")valid")
                return
            }
        }
    }
}
