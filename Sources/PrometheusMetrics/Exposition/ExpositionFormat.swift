// SPDX-License-Identifier: Apache-2.0

/// The form in which metrics are written.
public enum ExpositionFormat: Sendable, Hashable, CaseIterable {
    /// Prometheus' text format, version 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    /// The media type, with its parameters: without it a Prometheus 3 refuses a scrape.
    public var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that a client wants most (RFC 9110 section 12.5.1); text when it names none of the two.
    ///
    /// - Parameter accept: The value of `Accept`, several lines joined with commas.
    public init(accept: String?) {
        var openMetricsQuality = 0.0
        var textQuality = 0.0
        for range in (accept ?? "").split(separator: ",").prefix(64) {
            let range = MediaRange(range)
            switch range.type {
            // Older versions of it, which are not written here, have a 0 at their beginning.
            case "application/openmetrics-text" where range.version.map({ $0 == "1.0.0" }) ?? true:
                openMetricsQuality = max(openMetricsQuality, range.quality)
            case "text/plain" where range.version.map({ $0 == "0.0.4" }) ?? true:
                textQuality = max(textQuality, range.quality)
            default: break
            }
        }
        self = openMetricsQuality > textQuality ? .openMetrics : .text
    }

    /// Whether a client takes gzip (RFC 9110 section 12.5.3).
    public static func acceptsGzip(acceptEncoding: String?) -> Bool {
        var quality: Double?
        var anyQuality: Double?
        for range in (acceptEncoding ?? "").split(separator: ",").prefix(64) {
            let range = MediaRange(range)
            if range.type == "gzip" || range.type == "x-gzip" { quality = range.quality }
            if range.type == "*" { anyQuality = range.quality }
        }
        return (quality ?? anyQuality ?? 0) > 0
    }
}

/// One of the types, or codings, that a client takes, with what it says of it.
private struct MediaRange {
    let type: String
    var quality = 1.0
    var version: String?

    init(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        type = parts[0].lowercased()
        for parameter in parts.dropFirst() {
            guard let equals = parameter.firstIndex(of: "=") else { continue }
            let name = Self.trimmed(parameter[..<equals]).lowercased()
            let value = Self.trimmed(parameter[parameter.index(after: equals)...])
            // What is no weight is none.
            if name == "q" { quality = Double(value).flatMap { (0...1).contains($0) ? $0 : nil } ?? 0 }
            if name == "version" { version = value.filter { $0 != "\"" } }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
