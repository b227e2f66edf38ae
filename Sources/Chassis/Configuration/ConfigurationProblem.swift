// SPDX-License-Identifier: Apache-2.0

/// Something wrong with one setting, in one line that names the key and never holds a secret.
package struct ConfigurationProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The key as the operator wrote it: a flag, an environment variable or a line of the file.
    package let key: String
    /// What is wrong and what to do about it.
    package let detail: String

    package init(key: String, detail: String) {
        self.key = key
        self.detail = detail
    }

    package var description: String { "\(key): \(detail)" }
}

/// All that is wrong with a configuration.
package struct ConfigurationProblems: Error, Sendable {
    package let problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) { self.problems = problems }
}
