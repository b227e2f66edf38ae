// SPDX-License-Identifier: Apache-2.0

import ServiceTesting
import Testing

@Suite struct `Product ids in paths` {
    @Test(arguments: Backend.allCases)
    func `C6: no id that a client makes up does anything but 400 or 404`(backend: Backend) async throws {
        let ids = [
            "-1", "0", "9223372036854775808", "18446744073709551616", "1%20OR%201=1", "';--", "%00", "%E2%80%AE",
            "%F0%9F%98%80",
            String(repeating: "a", count: 10_000), "..", "%2e%2e", "%zz", "00000000-0000-0000-0000-000000000000",
            "{id}",
            "01a20513-ce44-7663-95f8-0534cdd670d", "01a20513-ce44-7663-95f8-0534cdd670dg",
            "01a20513ce44766395f80534cdd670d5",
            "'%20union%20select%20*%20from%20secrets--",
        ]
        try await APIServer.run(on: backend) { api in
            let path = try await api.client.create()
            for id in ids {
                for method in ["GET", "DELETE"] {
                    let status = try await api.client.send(method, "\(APIClient.products)/\(id)").status
                    #expect(status == 404 || status == 400, "\(method) \(id.prefix(50))")
                }
                let put = try await api.client.send("PUT", "\(APIClient.products)/\(id)", json: #"{"price":1}"#)
                #expect(put.status == 404 || put.status == 400)
            }
            let upper = path.split(separator: "/").last.map { $0.uppercased() } ?? ""
            #expect(try await api.client.send("GET", "\(APIClient.products)/\(upper)").status == 200)
        }
    }
}
