// SPDX-License-Identifier: Apache-2.0

import Chassis

/// Every setting, as the Markdown of docs/configuration.md.
struct SettingsReference {
    private let entries: [ConfigurationKey: ConfigurationReader.Entry]

    /// - Parameter entries: Every setting, with its default.
    init(_ entries: [ConfigurationReader.Entry]) {
        self.entries = Dictionary(entries.map { ($0.key, $0) }) { first, _ in first }
    }

    var markdown: String {
        let areas = ProductServiceConfiguration.areas.map { area in
            "## \(area.title)\n\n| environment | default | must be | meaning |\n|---|---|---|---|\n"
                + area.keys.map(row).joined(separator: "\n")
        }
        return """
            # Configuration

            Written by `make generate` from what the binary says of itself (`product-service config --reference`); `make test`
            checks that it is fresh.

            A flag outranks the environment, which outranks the YAML file given with `--config`, which outranks the default. Of
            `HTTP_PORT` the flag is `--http-port`, and the key in the file `http.port`. A variable that is empty counts as unset.
            A wrong value stops the start with a line that names it, and exit code 78. `product-service config` prints what is in
            force and where it comes from; `product-service config --schema` says all of this as a JSON Schema.

            \(areas.joined(separator: "\n\n"))
            """
    }

    private func row(for key: ConfigurationKey) -> String {
        let cells = [
            "`\(key.environmentName)`", key.defaultValue.map { "`\($0)`" } ?? "–", entries[key]?.requirement ?? "",
            key.summary,
        ]
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}
