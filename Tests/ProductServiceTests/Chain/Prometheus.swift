// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

/// A Prometheus of a test's own, from the system's package.
final class Prometheus: Sendable {
    private let process: ChildProcess
    private let port: Int
    private let folder: TemporaryFolder

    /// Starts one that scrapes each of the ports once a second, and waits until it answers.
    static func start(scraping jobs: [String: Int]) async throws -> Prometheus {
        let prometheus = try Prometheus(jobs)
        try await wait(for: "Prometheus: \(prometheus.log)", within: .seconds(20)) {
            (try? await prometheus.get("/-/ready").status) == 200
        }
        return prometheus
    }

    private init(_ jobs: [String: Int]) throws {
        folder = try TemporaryFolder()
        port = try FreePort.next()
        let scrapes = jobs.sorted { $0.key < $1.key }.map { name, port in
            "  - job_name: \(name)\n    static_configs:\n      - targets: ['127.0.0.1:\(port)']\n"
        }
        let configuration = "global:\n  scrape_interval: 1s\nscrape_configs:\n\(scrapes.joined())"
        try configuration.write(toFile: folder("prometheus.yml"), atomically: true, encoding: .utf8)
        let output = open(folder("log"), O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer {
            close(output)
            close(input)
        }
        process = try ChildProcess(
            [
                "prometheus", "--config.file=\(folder("prometheus.yml"))", "--storage.tsdb.path=\(folder("data"))",
                "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ], input: input, output: output, error: output)
    }

    var log: String { (try? String(contentsOfFile: folder("log"), encoding: .utf8)) ?? "" }

    /// The values that an expression has now.
    func query(_ expression: String) async throws -> [Double] {
        let escaped = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        let answer = try await get("/api/v1/query?query=\(escaped)")
        let document = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let data = try #require(document?["data"] as? [String: Any], "\(answer.text)")
        let results = try #require(data["result"] as? [[String: Any]])
        return results.compactMap { (($0["value"] as? [Any])?.last as? String).flatMap { Double($0) } }
    }

    private func get(_ target: String) async throws -> HTTPMessage.Response {
        let connection = try await HTTPConnection.connect(to: port)
        do {
            try await connection.send(HTTPMessage.Request("GET", target, headers: []))
            let answer = try await connection.receive()
            await connection.close()
            return answer
        } catch {
            await connection.close()
            throw error
        }
    }

    func stop() async {
        process.kill(SIGTERM)
        try? await wait(for: "the end of Prometheus", within: .seconds(10)) { !process.isRunning }
        process.kill(SIGKILL)
    }

    deinit { process.kill(SIGKILL) }
}
