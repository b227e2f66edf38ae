// SPDX-License-Identifier: Apache-2.0

import Foundation
import JWT
import ServiceTesting
import Testing

@Suite struct `Key set files` {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func set(_ ids: String...) -> String {
        let keys = ids.map { id in
            #"{"kty":"oct","kid":"\#(id)","k":"\#(Base64URL.encode([UInt8](repeating: id.utf8.first ?? 0, count: 32)))"}"#
        }
        return #"{"keys":[\#(keys.joined(separator: ","))]}"#
    }

    @discardableResult
    private func write(_ text: String, to name: String = "keys.json", mode: Int = 0o600) throws -> String {
        let path = folder(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    @Test func `T21: other keys are taken over, in place or by renaming`() throws {
        let path = try write(set("a"))
        let file = try KeySetFile(path: path, format: .jwkSet)
        #expect(file.reload() == .unchanged)
        try write(set("a", "b"))
        #expect(file.reload() == .loaded)
        #expect(file.keys.keyIDs == ["a", "b"])
        try write(set("b"), to: "next")
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: folder("next"), toPath: path)
        #expect(file.reload() == .loaded)
        #expect(file.keys.keyIDs == ["b"])
    }

    @Test func `T21: Kubernetes' swap of a link on the way is seen`() throws {
        let manager = FileManager.default
        for (version, text) in [("v1", set("a")), ("v2", set("b"))] {
            try manager.createDirectory(atPath: folder(version), withIntermediateDirectories: true)
            try write(text, to: "\(version)/keys.json")
        }
        try manager.createSymbolicLink(atPath: folder("..data"), withDestinationPath: "v1")
        try manager.createSymbolicLink(atPath: folder("keys.json"), withDestinationPath: "..data/keys.json")
        let file = try KeySetFile(path: folder("keys.json"), format: .jwkSet)
        #expect(file.keys.keyIDs == ["a"])
        try manager.createSymbolicLink(atPath: folder("..data_tmp"), withDestinationPath: "v2")
        #expect(rename(folder("..data_tmp"), folder("..data")) == 0)
        #expect(file.reload() == .loaded)
        #expect(file.keys.keyIDs == ["b"])
    }

    @Test func `T21: a bad file keeps the last good keys, and is counted once`() throws {
        let path = try write(set("a"))
        let file = try KeySetFile(path: path, format: .jwkSet)
        var expectedCount = 0
        for (text, code) in [
            ("", .malformed), (String(set("b").dropLast(10)), .malformed), (#"{"keys":[]}"#, .noKey),
            (#"{"keys":[{"kty":"oct","kid":"b","k":"AAAA"}]}"#, .weakKey),
        ] as [(String, KeySetError.Code)] {
            try write(text)
            let outcome = file.reload()
            if case .failed(let error) = outcome {
                expectedCount += 1
                #expect(error.code == code)
            } else {
                // An empty file and half a file are told of in the same words.
                #expect(outcome == .stillFailing)
            }
            #expect(file.reload() == .stillFailing)
            #expect(file.keys.keyIDs == ["a"])
        }
        try write(set("b"), mode: 0o644)
        #expect(isFailure(file.reload(), .exposed))
        try FileManager.default.removeItem(atPath: path)
        #expect(isFailure(file.reload(), .unreadable))
        // Each is counted again as long as it lasts.
        #expect(file.failureCount == 2 * 4 + 2 && expectedCount >= 3)
        #expect(file.keys.keyIDs == ["a"])
        // Back again, as it was: nothing new, and nothing wrong any more.
        try write(set("a"))
        #expect(file.reload() == .unchanged)
        try write(set("c"))
        #expect(file.reload() == .loaded)
        #expect(file.keys.keyIDs == ["c"])
    }

    @Test func `T21: a burst of rotations ends with the last`() throws {
        let file = try KeySetFile(path: try write(set("a")), format: .jwkSet)
        for round in 0..<100 {
            try write(set("k\(round)"))
            if round % 3 == 0 { #expect(file.reload() == .loaded) }
        }
        _ = file.reload()
        #expect(file.keys.keyIDs == ["k99"])
    }

    @Test func `T4: a file that cannot be used is an error at once`() throws {
        for (text, mode, code) in [
            ("short", 0o600, .weakKey), (String(repeating: "k", count: 40), 0o644, .exposed),
            (String(repeating: "k", count: 40), 0o606, .exposed),
        ] as [(String, Int, KeySetError.Code)] {
            let path = try write(text, mode: mode)
            let error = try #require(throws: KeySetError.self) { try KeySetFile(path: path, format: .rawKey) }
            #expect(error.code == code)
        }
        for path in [folder("missing"), folder("."), "/dev/null"] {
            let error = try #require(throws: KeySetError.self) { try KeySetFile(path: path, format: .rawKey) }
            #expect(error.code == .unreadable)
        }
    }

    @Test func `T21: half of a raw key is not taken for one`() throws {
        let (old, new) = (String(repeating: "o", count: 64), String(repeating: "n", count: 64))
        let file = try KeySetFile(path: try write(old), format: .rawKey)
        try write(String(new.prefix(40)))
        #expect(file.reload() == .unchanged)
        try write(new)
        #expect(file.reload() == .unchanged)
        #expect(file.reload() == .loaded)
        let token = TokenFixtures.token(key: Array(new.utf8))
        #expect(try TokenFixtures.refusal(of: token, keys: file.keys) == nil)
    }

    @Test func `a raw key may have a line end behind it`() throws {
        let key = String(repeating: "k", count: 32)
        for end in ["", "\n", "\r\n"] {
            let file = try KeySetFile(path: try write(key + end), format: .rawKey)
            let token = TokenFixtures.token(key: Array(key.utf8))
            #expect(try TokenFixtures.refusal(of: token, keys: file.keys) == nil)
        }
    }

    private func isFailure(_ reload: KeySetFile.Reload, _ code: KeySetError.Code) -> Bool {
        if case .failed(let error) = reload { error.code == code } else { false }
    }
}
