// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `The clock` {
    @Test func `K21: products stand in the order of their creation when the clock is set back, in UTC in every zone`()
        async throws
    {
        let folder = try TemporaryFolder()
        let clock = try FakeClock(in: folder)
        // Good whenever it is, as the clock goes back by weeks.
        let token = [("Authorization", "Bearer \(TestCredentials.token(tellsIssue: false))")]
        let environment = clock.environment.merging(["TZ": "Europe/Berlin", "JWT_MAX_LIFETIME": "8000h"]) { $1 }
        let service = try await RunningService.start(in: folder, environment: environment, launcher: clock.launcher)
        func create(_ name: String) async throws -> (path: String, time: Int) {
            let json = #"{"name":"\#(name)","price":1}"#
            let response = try await service.client.send("POST", ServiceClient.products, token, json: json)
            return (response.header("Location") ?? "", try response.member("created_at"))
        }
        let now = Int(Date().timeIntervalSince1970)
        let first = try await create("first")
        #expect(abs(first.time - now) < 60, "seconds of UTC")
        try clock.set("-3600")
        let second = try await create("second")
        #expect(second.time < first.time - 3000, "the clock did step back")
        let updated = try await service.client.send("PUT", first.path, token, json: #"{"price":2}"#)
        #expect(try updated.member("updated_at") == first.time, "an update is never before the creation")
        #expect(updated.header("Last-Modified")?.hasSuffix(" GMT") == true)
        // Across the hour that daylight saving time repeats.
        try clock.set("@2026-10-25 02:59:59")
        _ = try await create("third")
        try clock.set("@2026-10-25 02:00:01")
        _ = try await create("fourth")
        for sort in ["", "?sort=-created_at", "?sort=-price&max_price=1", "?limit=100"] {
            let page = try await service.client.send("GET", ServiceClient.products + sort, token)
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
