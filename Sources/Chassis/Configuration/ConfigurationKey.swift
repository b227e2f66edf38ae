// SPDX-License-Identifier: Apache-2.0

/// One setting of a service: its name, its default, and what it means. The same key is a flag, an environment variable
/// and an entry of the configuration file.
package struct ConfigurationKey: Sendable, Hashable {
    /// What must not be shown of a value.
    package enum Redaction: Sendable, Hashable {
        case nothing
        /// The user and the password of a URL.
        case credentialsOfURL
        /// All of it.
        case everything
    }

    /// The key in dotted form, as in the configuration file: `http.port`.
    package let name: String
    /// The value when none is given; nil when there is none.
    package let defaultValue: String?
    /// What it means and which values it takes, in one sentence.
    package let summary: String
    package let redaction: Redaction

    package init(_ name: String, default defaultValue: String?, redaction: Redaction = .nothing, _ summary: String) {
        self.name = name
        self.defaultValue = defaultValue
        self.redaction = redaction
        self.summary = summary
    }

    /// The environment variable: `HTTP_PORT`.
    package var environmentName: String { name.uppercased().replacing(".", with: "_") }
    /// The command-line flag: `--http-port`.
    package var flag: String { "--" + name.replacing(".", with: "-") }

    /// The value as it may be shown.
    package func shown(_ value: String) -> String {
        switch redaction {
        case .nothing: return value
        case .everything: return "REDACTED"
        case .credentialsOfURL:
            // Some URLs take a password among their parameters, too; there first, as it may hold an @.
            let shown = value.replacing(/((?:password|passwd|pwd|secret)[^=&]*=)[^&]*/.ignoresCase()) {
                "\($0.1)REDACTED"
            }
            guard let scheme = shown.firstRange(of: "://"), let at = shown.lastIndex(of: "@"), at >= scheme.upperBound
            else { return shown }
            return shown[..<scheme.upperBound] + "REDACTED" + shown[at...]
        }
    }
}
