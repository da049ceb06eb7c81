// SPDX-License-Identifier: Apache-2.0
//
// Notifications of the providers that the examples do not have, after their documentation, and keys to check against.
// Nobody has the private halves of these keys; so no input may ever be taken for a signed one.
import NashraCore
import NashraProviders

enum NotificationSamples {
    /// What each provider sends, apart from the examples.
    static let all: [String] = [
        #"""
        {"signature":{"timestamp":"1760000000","token":"c4f5","signature":"d0"},"event-data":{"event":"failed",
        "severity":"permanent","reason":"bounce","id":"G9Bn5sl1TC6nu79C8C0bwg","timestamp":1760000000.5,
        "recipient":"reader@example.org","envelope":{"sender":"b+abc@bounces.example.org"},"delivery-status":
        {"code":550,"message":"5.1.1 user unknown","enhanced-code":"5.1.1","description":null},
        "message":{"headers":{"message-id":"1@example.org"}},"user-variables":{"nashra_message_id":"<1@example.org>"}}}
        """#,
        #"""
        {"RecordType":"Bounce","ID":4323372036854775807,"Type":"HardBounce","TypeCode":1,"Email":"reader@example.org",
        "MessageID":"883953f4-6105-42a2-a16a-77a8eac79483","BouncedAt":"2026-11-05T16:33:54.9070259Z",
        "Details":"smtp;550 5.1.1 لا يوجد مستخدم","Metadata":{"nashra_message_id":"<1@example.org>"}}
        """#,
        #"""
        {"RecordType":"SpamComplaint","ID":42,"Type":"SpamComplaint","Email":"reader@example.org",
        "BouncedAt":"2026-11-05T16:33:54Z"}{"RecordType":"SubscriptionChange","Recipient":"reader@example.org",
        "SuppressSending":true,"SuppressionReason":"ManualSuppression","ChangedAt":"2026-02-01T10:53:34.416071Z"}
        """#,
        #"""
        [{"msys":{"message_event":{"type":"bounce","bounce_class":"10","error_code":"550","event_id":"92356927693813856",
        "raw_reason":"550 5.1.1 User unknown","reason":"550 5.1.1","rcpt_to":"reader@example.org","msg_from":
        "b+abc@bounces.example.org","timestamp":"1760000000","rcpt_meta":{"nashra_message_id":"<1@example.org>"}}}},
        {"msys":{"track_event":{"type":"open"}}},{"msys":{}}]
        """#,
        #"""
        {"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-west-2:123456789012:SES-EJ-B","Message":
        "{\"eventType\":\"Complaint\",\"complaint\":{\"complainedRecipients\":[{\"emailAddress\":\"a@example.org\"}],
        \"complaintFeedbackType\":\"abuse\"},\"mail\":{\"messageId\":\"m\",\"source\":\"b+abc@example.org\"}}",
        "Timestamp":"2026-11-22T08:59:00.000Z","SignatureVersion":"2","Signature":"AAAA","SigningCertURL":
        "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-1.pem"}
        """#,
    ]

    /// Keys for every provider that signs.
    static func keys() throws(UserError) -> ProviderKeys {
        var keys = ProviderKeys()
        keys.snsTopics = ["arn:aws:sns:us-west-2:123456789012:SES-EJ-B"]
        keys.sendGridKey = sendGridKey
        keys.mailgunKey = Secret("a key that no mutation finds")
        try keys.addSNSCertificates(pem: certificate, file: "certificate")
        return keys
    }

    private static let sendGridKey =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETJiwzE5zdw2QK7whgYX7dIrDgxjwhAuwvztthjYELx8RyENlC9CNDq6mEaT9fxBR"
        + "TN6KTSjWHfmSjfx64YYMWQ=="

    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIDFzCCAf+gAwIBAgIUBXNeOWBzdiwuZntiPQW4CxKQ6g4wDQYJKoZIhvcNAQEL
        BQAwGjEYMBYGA1UEAwwPc25zLmV4YW1wbGUub3JnMCAXDTI2MTEyMjIwMTgwNFoY
        DzIxMjYxMDI5MjAxODA0WjAaMRgwFgYDVQQDDA9zbnMuZXhhbXBsZS5vcmcwggEi
        MA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDqGg/xWqZg51RQQ/d51HAe8eBh
        PyisvdVAG6fTV9paXX9pbgsKIgbtN75+E6XTulu1fzFubNrO1+I8x/TReliO1n9L
        yufF/19aHgcKNH4nrwlfBnlIW8K+/vUO5m8zw4owYbQA7CeO6d4L91bKj4ow/CVO
        mNQFzwXr7Oc0+xjgXJqbP5iDZuHfVe4XcoX+2Hm/HZRhimNQn4x/w0GgV2kUQ8PQ
        MTtjr3mYQe6sygnrkPiqq/I7Lgf2ZK5pijupQ8SR57zgLGmVKokpQhzoJBcoQLQf
        UJCefm+5Oj8HmsG97Ztzkd/ZeGNZq2rRsjwdghg1hPGGa6vdvZAUnLd0m6k1AgMB
        AAGjUzBRMB0GA1UdDgQWBBQvDDyMecn0iVZmgLhYSB2ENvKPujAfBgNVHSMEGDAW
        gBQvDDyMecn0iVZmgLhYSB2ENvKPujAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3
        DQEBCwUAA4IBAQDY/Pq1gT9t5GbjP8THPmF/4VS/LdUAmqoUOK6L6n5FiT/FpVle
        KHy33gh9yZVWs5gZmrChWqciVuCtyTtQ1t40nRCB3x3jqh+GEOl4B2LA6e+qZL4S
        C3EYvPs4WRH+4OaCQ6e6BDK64nh4EsR0+cn2w7YDVt5/wrlWVuGRtz/CHnqqfhS2
        QcstI5XtVZIuAgakJE/b1D/wlK/TAU6Evcos6oZbqdFhBgARtxb3Oi1EayJwuzKQ
        PyLShGJD0bPL2/zfzXCCWulTN/MxP4qcWsH6tqWCZgQ0L7n1d9WUgxTERnk8sDpj
        rzQBO9jMGDRdrTSXrESP6Gl+iWQmFmx4BSPR
        -----END CERTIFICATE-----
        """
}
