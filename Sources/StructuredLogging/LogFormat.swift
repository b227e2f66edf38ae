// SPDX-License-Identifier: Apache-2.0

/// How a log line is written.
public enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line, for machines.
    case json
    /// `timestamp level logger: message name=value …`, for people.
    case text
}
