// SPDX-License-Identifier: Apache-2.0

/// Writes samples in one of the two text formats.
///
/// Source: Prometheus' "Exposition formats", and OpenMetrics 1.0.0 section "ABNF".
struct ExpositionWriter {
    private(set) var bytes: [UInt8] = []
    private let format: ExpositionFormat

    init(format: ExpositionFormat, capacity: Int) {
        self.format = format
        bytes.reserveCapacity(capacity)
    }

    /// Begins a metric: its help and its type.
    mutating func begin(_ name: MetricName, help: String) {
        let (family, type) =
            switch (format, name.kind) {
            case (.text, .counter): (name.counterSample, "counter")
            case (.openMetrics, .counter): (name.base, "counter")
            case (_, .gauge): (name.base, "gauge")
            case (_, .histogram): (name.base, "histogram")
            // The older format knows no such type.
            case (.text, .info): (name.infoSample, "gauge")
            case (.openMetrics, .info): (name.base, "info")
            }
        append("# HELP ")
        append(family)
        append(" ")
        appendHelp(help)
        append("\n# TYPE ")
        append(family)
        append(" ")
        append(type)
        append("\n")
    }

    /// Ends the text.
    mutating func end() {
        if format == .openMetrics { append("# EOF\n") }
    }

    mutating func sample(_ name: String, labels: String, _ value: UInt64) {
        begin(name, labels)
        append(value)
        append("\n")
    }

    mutating func sample(_ name: String, labels: String, _ value: Double) {
        begin(name, labels)
        append(value)
        append("\n")
    }

    /// A bucket of a histogram.
    ///
    /// - Parameter bound: `le="…"`.
    mutating func bucket(_ name: String, labels: String, bound: String, _ value: UInt64, exemplar: Exemplar?) {
        append(name)
        append("{")
        if !labels.isEmpty {
            append(labels)
            append(",")
        }
        append(bound)
        append("} ")
        append(value)
        if format == .openMetrics, let exemplar { append(exemplar) }
        append("\n")
    }

    /// A number as both formats write it: `0.5`, `1.0`, `+Inf`.
    static func text(of value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.description
    }

    // MARK: - Parts

    private mutating func begin(_ name: String, _ labels: String) {
        append(name)
        if !labels.isEmpty {
            append("{")
            append(labels)
            append("}")
        }
        append(" ")
    }

    private mutating func append(_ exemplar: Exemplar) {
        append(" # {trace_id=\"")
        appendHexadecimal(exemplar.traceIDHigh)
        appendHexadecimal(exemplar.traceIDLow)
        append("\",span_id=\"")
        appendHexadecimal(exemplar.spanID)
        append("\"} ")
        append(exemplar.value)
        append(" ")
        append(exemplar.timestamp / 1000)
        append(".")
        let milliseconds = exemplar.timestamp % 1000
        append(milliseconds < 10 ? "00" : milliseconds < 100 ? "0" : "")
        append(milliseconds)
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ value: Double) {
        // Most numbers are whole, and small enough to be written as such.
        if value >= 0, value < 1e15, value == value.rounded(.towardZero) {
            append(UInt64(value))
        } else {
            append(Self.text(of: value))
        }
    }

    private mutating func append(_ value: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value
            var start = 20
            repeat {
                start -= 1
                digits[start] = 0x30 + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    private mutating func appendHexadecimal(_ value: UInt64) {
        for position in stride(from: 60, through: 0, by: -4) {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(position) & 0xf)
            bytes.append(nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10)
        }
    }

    private mutating func appendHelp(_ help: String) {
        for byte in help.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): append("\\\\")
            case 0x0a: append("\\n")
            case UInt8(ascii: "\"") where format == .openMetrics: append("\\\"")
            default: bytes.append(byte)
            }
        }
    }
}
