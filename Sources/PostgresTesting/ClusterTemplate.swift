// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting

/// New clusters, by copying one that is made once and kept beside the tests: copying takes a twentieth of the time.
enum ClusterTemplate {
    /// - Parameter authentication: How clients show who they are: a method of `pg_hba.conf`.
    static func copy(authentication: String, to target: String) async throws {
        let initdb = try PostgresPrograms.path(of: "initdb")
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let version = initdb.split(separator: "/").dropLast(2).last ?? ""
        let template = tests.deletingLastPathComponent().appending(path: "cluster-\(version)-\(authentication)").path
        try await makings.once(template) {
            if FileManager.default.fileExists(atPath: template) { return }
            // Made under another name first: whoever is interrupted leaves no half of one.
            let new = "\(template)-\(UUID().uuidString)"
            try await make(new, with: initdb, authentication: authentication)
            if rename(new, template) != 0 { try FileManager.default.removeItem(atPath: new) }
        }
        let output = try LogFile()
        // By a command and not by Foundation: the folder must stay closed to others.
        guard try await Command.run(["cp", "-a", template, target], output: output) == 0 else {
            throw PostgresServer.Failure(description: "the new cluster cannot be copied: \(output.text)")
        }
    }

    private static let makings = Makings()

    private static func make(_ path: String, with initdb: String, authentication: String) async throws {
        let folder = try TemporaryFolder()
        try Data("first".utf8).write(to: URL(fileURLWithPath: folder("password")))
        let output = try LogFile()
        let code = try await Command.run(
            PostgresPrograms.launcher + [
                initdb, "--pgdata", path, "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync",
                "--auth=\(authentication)", "--pwfile=\(folder("password"))",
            ], output: output)
        if code != 0 { throw PostgresServer.Failure(description: "initdb failed: \(output.text)") }
    }
}

/// Does each of several things once, however many tests ask for it at the same time.
private actor Makings {
    private var tasks: [String: Task<Void, any Error>] = [:]

    func once(_ name: String, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = tasks[name] ?? Task { try await body() }
        tasks[name] = task
        try await task.value
    }
}
