// SPDX-License-Identifier: Apache-2.0

/// What a server says of itself when a connection is opened.
struct ServerIdentity: Sendable, Hashable {
    let runID: String

    /// Reads the reply to `INFO server`; nil when it has no `run_id`.
    init?(_ reply: RedisReply) {
        guard case .bytes(let bytes) = reply else { return nil }
        let lines = bytes.split { $0 == 0x0d || $0 == 0x0a }
        let prefix = Array("run_id:".utf8)
        guard let line = lines.first(where: { $0.starts(with: prefix) }) else { return nil }
        let value = line.dropFirst(prefix.count)
        let isIdentifier = value.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
        }
        guard (8...64).contains(value.count), isIdentifier else { return nil }
        runID = String(decoding: value, as: UTF8.self)
    }
}
