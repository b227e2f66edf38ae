// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `Bad input` {
    private static let ids = [
        "1%20OR%201=1", "';--", "%00", "%F0%9F%98%80", "'%20union%20select%20*%20from%20secrets--", "-1",
    ]

    private func sendAll(_ client: ServiceClient) async throws {
        for id in Self.ids {
            #expect(try await client.send("GET", "\(ServiceClient.products)/\(id)").status == 404)
            let page = try await client.send("GET", "\(ServiceClient.products)?name=\(id)&sort=name").status
            #expect(page == 200 || page == 400)
        }
        let bodies = [
            "", "{", String(repeating: "[", count: 10_000), #"{"name":"a","price":1e400}"#, #"{"name":"","price":1}"#,
        ]
        for body in bodies { #expect(try await client.create(body).status == 400) }
        #expect(try await client.create(String(repeating: " ", count: 2 << 20)).status == 413)
        let broken = try await HTTPConnection.connect(to: client.port)
        try await broken.send(
            "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Length: 100\r\n\r\n{")
        await broken.close()
    }

    private func openDescriptors(_ process: ServiceProcess) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.identifier)/fd").count
    }

    private func residentKibibytes(_ process: ServiceProcess) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.identifier)/status", encoding: .utf8)
        return try #require(status.firstMatch(of: #/VmRSS:\s+(\d+)/#).flatMap { Int($0.1) })
    }

    @Test
    func `leaves the service as it was: descriptors and memory back, the next request answered, no SQL in the log`()
        async throws
    {
        let service = try await RunningService.start(["--log-level", "debug"])
        for _ in 0..<20 { try await sendAll(service.client) }
        let (descriptors, memory) = (try openDescriptors(service.process), try residentKibibytes(service.process))
        for _ in 0..<60 { try await sendAll(service.client) }
        try await wait(for: "descriptors back at \(descriptors)") {
            try openDescriptors(service.process) <= descriptors + 2
        }
        let after = try residentKibibytes(service.process)
        #expect(Double(after) < Double(memory) * 1.2, "\(memory) KiB before, \(after) KiB after")
        #expect(try await service.client.create().status == 201)
        // The access log tells the paths that clients have asked for, whatever they hold.
        let log = service.process.log.split(separator: "\n").filter { !$0.contains(#""logger":"access""#) }
        for word in ["select ", "insert ", "union"] { #expect(!log.contains { $0.contains(word) }) }
        try await service.stop()
    }
}
