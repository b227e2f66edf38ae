// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@testable import Chassis

@Suite struct `A file with a secret` {
    @Test func `is read without its line end, again each time, and refused when others may read it`() throws {
        let folder = try TemporaryFolder()
        let file = SecretFile(path: folder("secret"))
        func write(_ text: String, mode: mode_t = 0o640) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file.path))
            chmod(file.path, mode)
        }
        #expect(throws: SecretFile.Failure.self) { try file.read() }
        for (text, secret) in [("a b", "a b"), ("two\n", "two"), ("three\r\n", "three"), ("four\n\n", "four\n")] {
            try write(text)
            #expect(try file.read() == secret)
        }
        for text in ["", "\n", String(repeating: "x", count: 4097)] {
            try write(text)
            #expect(throws: SecretFile.Failure.self) { try file.read() }
        }
        try write("canary", mode: 0o644)
        let failure = #expect(throws: SecretFile.Failure.self) { try file.read() }
        #expect(failure?.description.contains("canary") == false)
        #expect(throws: SecretFile.Failure.self) { try SecretFile(path: folder.path).read() }
    }
}
