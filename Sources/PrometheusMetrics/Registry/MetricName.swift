// SPDX-License-Identifier: Apache-2.0

/// A metric's name, and those of its samples.
struct MetricName: Sendable, Hashable {
    /// What OpenMetrics calls the metric: without the suffixes of samples.
    let base: String
    let kind: MetricKind

    // Made once, so that writing samples puts no text together.
    let counterSample: String
    let bucketSample: String
    let sumSample: String
    let countSample: String
    let infoSample: String

    /// - Parameter name: With the suffix of its kind (`_total`, `_info`) or without. What no name may have becomes `_`.
    init(_ name: String, kind: MetricKind) {
        var base = Self.sanitised(name, allowsColon: true)
        if let suffix = kind.suffix, base.hasSuffix(suffix), base.utf8.count > suffix.utf8.count {
            base.removeLast(suffix.utf8.count)
        }
        self.base = base
        self.kind = kind
        counterSample = base + "_total"
        bucketSample = base + "_bucket"
        sumSample = base + "_sum"
        countSample = base + "_count"
        infoSample = base + "_info"
    }

    /// Every name that would mean two things if another metric had it, too.
    var claimed: [String] {
        switch kind {
        case .counter: [base, counterSample]
        case .gauge: [base]
        case .histogram: [base, bucketSample, sumSample, countSample]
        case .info: [base, infoSample]
        }
    }

    /// Letters, digits and underscores, colons if allowed, and no digit first.
    static func sanitised(_ name: String, allowsColon: Bool = false) -> String {
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            let isDigit = (0x30...0x39).contains(byte)
            if bytes.isEmpty, isDigit { bytes.append(UInt8(ascii: "_")) }
            let isAllowed =
                isDigit || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || (allowsColon && byte == UInt8(ascii: ":"))
            bytes.append(isAllowed ? byte : UInt8(ascii: "_"))
        }
        return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
    }
}
