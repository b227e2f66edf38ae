// SPDX-License-Identifier: Apache-2.0

import Foundation
import Yams

/// A YAML file of settings, nested (`http:` above an indented `port: 8081`) or dotted (`http.port: 8081`).
struct ConfigurationFile {
    /// The values by key, as they are spelled in the file.
    private(set) var values: [ConfigurationKey: String] = [:]
    private(set) var problems: [ConfigurationProblem] = []

    private static let maximumByteCount = 1 << 20

    /// Reads the file; everything wrong with it becomes a problem that names the line.
    init(path: String, keys: [ConfigurationKey]) {
        guard let content = FileManager.default.contents(atPath: path) else {
            problems.append(
                ConfigurationProblem(key: "--config", detail: "cannot read \(path): give a file that exists"))
            return
        }
        guard content.count <= Self.maximumByteCount, let text = String(data: content, encoding: .utf8) else {
            problems.append(ConfigurationProblem(key: "--config", detail: "\(path) is not UTF-8 text of at most 1 MiB"))
            return
        }
        do {
            guard let root = try Yams.compose(yaml: text) else { return }
            let keysByName = Dictionary(keys.map { ($0.name, $0) }) { first, _ in first }
            add(root, at: [], path: path, keysByName: keysByName)
        } catch {
            let place = (error as? YamlError).flatMap(Self.line).map { ":\($0)" } ?? ""
            problems.append(ConfigurationProblem(key: "\(path)\(place)", detail: "is not valid YAML"))
        }
    }

    private static func line(of error: YamlError) -> Int? {
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }

    private mutating func add(_ node: Node, at name: [String], path: String, keysByName: [String: ConfigurationKey]) {
        let place = "\(path):\(node.mark?.line ?? 1)"
        switch node {
        case .mapping(let mapping):
            for (key, value) in mapping {
                add(value, at: name + [key.string ?? ""], path: path, keysByName: keysByName)
            }
        case .scalar(let scalar):
            guard let key = keysByName[name.joined(separator: ".")] else {
                let unknown = name.joined(separator: ".")
                let detail = "unknown key '\(unknown.prefix(100))': --help lists the keys"
                problems.append(ConfigurationProblem(key: place, detail: detail))
                return
            }
            if values.updateValue(scalar.string, forKey: key) != nil {
                problems.append(ConfigurationProblem(key: place, detail: "\(key.name) is set twice: keep one"))
            }
        case .sequence, .alias:
            let detail = "\(name.joined(separator: ".").prefix(100)) must be a single value"
            problems.append(ConfigurationProblem(key: place, detail: detail))
        }
    }
}
