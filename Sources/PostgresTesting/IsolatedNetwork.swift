// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting

/// Two hosts with a cable between them that can be cut, in namespaces of their own: what is sent then vanishes, and
/// nobody is told. Ends with the value. Thread-safe.
package final class IsolatedNetwork: Sendable {
    private let process: ChildProcess
    private let folder: TemporaryFolder
    private let serverHost: Int32

    /// The address of the server's host.
    package static let serverAddress = "10.77.0.2"

    private static let script = """
        ip link set lo up
        unshare --net sleep 600 &
        host=$!
        while [ "$(readlink /proc/$host/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
        ip link add near type veth peer name far netns $host
        ip addr add 10.77.0.1/24 dev near
        ip link set near up
        nsenter --target $host --net sh -c \
            'ip link set lo up; ip addr add 10.77.0.2/24 dev far; ip link set far up'
        near=$(ip -br link show near | awk '{ print $3 }')
        far=$(nsenter --target $host --net ip -br link show far | awk '{ print $3 }')
        ip neigh replace 10.77.0.2 lladdr $far dev near nud permanent
        nsenter --target $host --net ip neigh replace 10.77.0.1 lladdr $near dev far nud permanent
        echo $host > "$1"
        wait
        """

    package static func start() async throws -> IsolatedNetwork {
        let folder = try TemporaryFolder()
        let log = try LogFile(folder("log"))
        let process = try ChildProcess(
            ["unshare", "--user", "--map-root-user", "--net", "--fork", "--pid", "--kill-child", "--mount-proc"]
                + ["sh", "-ec", script, "sh", folder("host")],
            input: log.input, output: log.output, error: log.output)
        do {
            try await wait(for: "the network", within: .seconds(10)) {
                !process.isRunning || FileManager.default.fileExists(atPath: folder("host"))
            }
            guard process.isRunning else { throw PostgresServer.Failure(description: "no network: \(log.text)") }
            return try IsolatedNetwork(process: process, folder: folder)
        } catch {
            process.kill(SIGKILL)
            throw error
        }
    }

    private init(process: ChildProcess, folder: TemporaryFolder) throws {
        self.process = process
        self.folder = folder
        // Seen from outside, the process that keeps the other host is the grandchild that sleeps.
        guard let shell = Self.children(of: process.identifier).first,
            let host = Self.children(of: shell).first
        else { throw PostgresServer.Failure(description: "the processes of the network have ended") }
        serverHost = host
    }

    deinit { process.kill(SIGKILL) }

    private static func children(of parent: Int32) -> [Int32] { PostgresServer.children(of: parent) }

    private func launcher(_ target: Int32) -> [String] {
        ["nsenter", "--target", "\(target)", "--user", "--preserve-credentials", "--net"]
    }

    /// What a command is started with to run on the client's host.
    package var clientLauncher: [String] {
        launcher(Self.children(of: process.identifier).first ?? process.identifier)
    }

    /// What a command is started with to run on the server's host.
    package var serverLauncher: [String] { launcher(serverHost) }

    /// Cuts the cable, or mends it.
    package func setCut(_ isCut: Bool) async throws {
        let output = try LogFile()
        let command = serverLauncher + ["ip", "link", "set", "far", isCut ? "down" : "up"]
        guard try await Command.run(command, output: output) == 0 else {
            throw PostgresServer.Failure(description: output.text)
        }
        if !isCut {
            // Taking a link down forgets what was known of its neighbours: it is asked for again.
            _ = try await Command.run(serverLauncher + ["ip", "neigh", "flush", "dev", "far"], output: output)
        }
    }

    /// Asks a server on the client's host with curl. Returns the status and the body; 0 when none came in time.
    package func get(_ url: String, authorization: String, post json: String? = nil) async throws -> (Int, String) {
        let output = try LogFile()
        let body = json.map { ["-X", "POST", "-H", "Content-Type: application/json", "-d", $0] } ?? []
        _ = try await Command.run(
            clientLauncher + [
                "curl", "-s", "--max-time", "15", "-w", "\\n%{http_code}", "-H", "Authorization: \(authorization)",
            ]
                + body + [url], output: output)
        let lines = output.text.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.last.flatMap { Int($0) } ?? 0, lines.dropLast().joined(separator: "\n"))
    }
}
