// SPDX-License-Identifier: Apache-2.0

import CHiredis

/// Puts replies together from the values that hiredis calls back with. Not thread-safe.
///
/// Bytes are copied once, from hiredis' buffer to where they stay.
final class ReplyBuilder {
    private let limits: ReplyLimits
    private var root: RedisReply?
    /// The arrays that have begun and not ended, the outermost first.
    private var open: [(missing: Int, values: [RedisReply])] = []
    /// What the reply that is being read has taken so far.
    private var taken = (bytes: 0, values: 0)
    /// Why a value was not taken.
    private(set) var refusal: String?

    init(limits: ReplyLimits) { self.limits = limits }

    /// The reply that has come to its end.
    func takeReply() -> RedisReply? {
        defer {
            root = nil
            taken = (0, 0)
        }
        return root
    }

    /// Whether so many bytes may wait for the rest of their reply.
    func mayHold(_ byteCount: Int) -> Bool {
        if taken.bytes + byteCount <= limits.byteCount + Self.overhead { return true }
        refusal = "a reply of more than \(limits.byteCount) bytes"
        return false
    }

    /// What a reply of the greatest length takes beside its bytes.
    private static let overhead = 64

    // MARK: - What hiredis calls

    /// Returns false when the reply becomes too large.
    func value(_ kind: chiredis_kind, bytes: UnsafePointer<CChar>?, length: Int, integer: Int64) -> Bool {
        let content = UnsafeRawBufferPointer(start: bytes, count: length)
        guard take(bytes: length) else { return false }
        switch kind {
        case CHIREDIS_STRING: add(.bytes(Array(content)))
        case CHIREDIS_STATUS: add(.status(String(decoding: content, as: UTF8.self)))
        case CHIREDIS_ERROR: add(.error(Self.error(String(decoding: content, as: UTF8.self))))
        case CHIREDIS_INTEGER: add(.integer(integer))
        default: add(.null)
        }
        return true
    }

    /// Returns false when the reply becomes too large.
    func array(_ count: Int) -> Bool {
        guard take(bytes: 0) else { return false }
        guard count <= limits.valueCount - taken.values else {
            refusal = "a reply of more than \(limits.valueCount) values"
            return false
        }
        // hiredis 1.x has no limit of its own, and a value is freed as deep as it is.
        guard open.count < limits.depth else {
            refusal = "a reply of arrays in more than \(limits.depth) arrays"
            return false
        }
        if count == 0 {
            add(.array([]))
        } else {
            open.append((count, []))
        }
        return true
    }

    private func take(bytes: Int) -> Bool {
        taken = (taken.bytes + bytes, taken.values + 1)
        if taken.bytes <= limits.byteCount, taken.values <= limits.valueCount { return true }
        refusal = "a reply of more than \(limits.byteCount) bytes or \(limits.valueCount) values"
        return false
    }

    /// Puts a value into the innermost array that has not ended, and ends those that are whole with it.
    private func add(_ value: RedisReply) {
        var value = value
        while let last = open.indices.last {
            open[last].values.append(value)
            open[last].missing -= 1
            if open[last].missing > 0 { return }
            value = .array(open.removeLast().values)
        }
        root = value
    }

    private static func error(_ text: String) -> RedisError {
        let word = text.prefix { $0 != " " }
        let isCode = word.utf8.count <= 20 && word.utf8.allSatisfy { (0x41...0x5a).contains($0) }
        return RedisError(.server, message: text, serverCode: isCode ? String(word) : "ERR")
    }
}
