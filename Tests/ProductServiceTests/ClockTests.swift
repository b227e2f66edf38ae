// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `The clock` {
    @Test func `K21: products stand in the order of their creation when the clock is set back, in UTC in every zone`()
        async throws
    {
        let folder = try TemporaryFolder()
        let offset = folder("offset")
        try "+0\n".write(toFile: offset, atomically: true, encoding: .utf8)
        let environment = [
            "FAKETIME_TIMESTAMP_FILE": offset, "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": "Europe/Berlin",
        ]
        // The command faketime would fix the offset. The library grows the environment of the first process that loads it,
        // behind which Swift then does not find its arguments: nice goes first.
        let script = "LD_PRELOAD=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1) exec nice -n 0 \"$@\""
        let launcher = ["sh", "-c", script, "sh"]
        let service = try await RunningService.start(in: folder, environment: environment, launcher: launcher)
        func create(_ name: String) async throws -> (path: String, time: Int) {
            let response = try await service.client.create(#"{"name":"\#(name)","price":1}"#)
            return (response.header("Location") ?? "", try response.member("created_at"))
        }
        let now = Int(Date().timeIntervalSince1970)
        let first = try await create("first")
        #expect(abs(first.time - now) < 60, "seconds of UTC")
        try "-3600\n".write(toFile: offset, atomically: true, encoding: .utf8)
        let second = try await create("second")
        #expect(second.time < first.time - 3000, "the clock did step back")
        let updated = try await service.client.send("PUT", first.path, json: #"{"price":2}"#)
        #expect(try updated.member("updated_at") == first.time, "an update is never before the creation")
        #expect(updated.header("Last-Modified")?.hasSuffix(" GMT") == true)
        // Across the hour that daylight saving time repeats.
        try "@2026-10-25 02:59:59\n".write(toFile: offset, atomically: true, encoding: .utf8)
        _ = try await create("third")
        try "@2026-10-25 02:00:01\n".write(toFile: offset, atomically: true, encoding: .utf8)
        _ = try await create("fourth")
        for sort in ["", "?sort=-created_at", "?sort=-price&max_price=1", "?limit=100"] {
            let page = try await service.client.send("GET", ServiceClient.products + sort)
            let products: [[String: Any]] = try page.member("products")
            let names = products.compactMap { $0["name"] as? String }.filter {
                !sort.contains("price") || $0 != "first"
            }
            #expect(
                names == ["fourth", "third", "second", "first"].filter { !sort.contains("price") || $0 != "first" })
        }
        service.process.kill(SIGTERM)
        #expect(try await service.process.exitCode() == 0)
    }
}
