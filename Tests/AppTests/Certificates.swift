// Certificates made for these tests, good for nothing else: of names that no test server is called by.

enum Certificates {
  struct Pair {
    let certificate: String
    let key: String
  }

  /// kb-a.example.com
  static let first = Pair(
    certificate: """
      -----BEGIN CERTIFICATE-----
      MIIBqjCCAVCgAwIBAgIUPZ7jx8IlDeAGGTQlu/4Oh7lFFYIwCgYIKoZIzj0EAwIw
      GzEZMBcGA1UEAwwQa2ItYS5leGFtcGxlLmNvbTAgFw0yNjExMjQyMjQ3MTVaGA8y
      MTI2MTAzMTIyNDcxNVowGzEZMBcGA1UEAwwQa2ItYS5leGFtcGxlLmNvbTBZMBMG
      ByqGSM49AgEGCCqGSM49AwEHA0IABPkmR+QeCwBfAx/ZIwSuoI1fWk6wJcI3KXUm
      7yULsAf5tXeG+yTMNr5dRDqW/s9OLWKdbx39+00ezsgnJlEXq76jcDBuMB0GA1Ud
      DgQWBBRaAh6q+vpIV1dWcZbFj0ulKzreNzAfBgNVHSMEGDAWgBRaAh6q+vpIV1dW
      cZbFj0ulKzreNzAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEGtiLWEuZXhh
      bXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIhAOrFBSshubqaixtbeydF+UDAgnXH
      otJv6RVDG2aJBTkPAiAtdUWGXTfcoM81pbNo34Zyw53a2/RUYQqNf7vsOqECKQ==
      -----END CERTIFICATE-----
      """,
    key: """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglyPdxAXsJFcWSBTb
      dWi1VVbk2prEPPdqeqxSQrEEtoehRANCAAT5JkfkHgsAXwMf2SMErqCNX1pOsCXC
      Nyl1Ju8lC7AH+bV3hvskzDa+XUQ6lv7PTi1inW8d/ftNHs7IJyZRF6u+
      -----END PRIVATE KEY-----
      """)

  /// kb-b.example.com
  static let second = Pair(
    certificate: """
      -----BEGIN CERTIFICATE-----
      MIIBqjCCAVCgAwIBAgIUHbDGKLqPxsIYS5VOKJvQ0RnV7xMwCgYIKoZIzj0EAwIw
      GzEZMBcGA1UEAwwQa2ItYi5leGFtcGxlLmNvbTAgFw0yNjExMjQyMjQ3MTVaGA8y
      MTI2MTAzMTIyNDcxNVowGzEZMBcGA1UEAwwQa2ItYi5leGFtcGxlLmNvbTBZMBMG
      ByqGSM49AgEGCCqGSM49AwEHA0IABN+SMWnmjIV9NY9hcfbJXRpue5YCXeVg8nX8
      2xWEqAFFh0GUmz6c5UORsK9qrtd1pUhqLGQK9HB6+vgbDpyoFPajcDBuMB0GA1Ud
      DgQWBBR1njzq/qAfveJO0kHTfC2onLbnMTAfBgNVHSMEGDAWgBR1njzq/qAfveJO
      0kHTfC2onLbnMTAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEGtiLWIuZXhh
      bXBsZS5jb20wCgYIKoZIzj0EAwIDSAAwRQIgFpR8uldPLz+CSq3fy+7NGkXVwurz
      zkQppSQeD3JvrBcCIQDb8ZrAHZYSqdi1O3SB6zWl76BzYwotbBzONe8ObDMWpA==
      -----END CERTIFICATE-----
      """,
    key: """
      -----BEGIN PRIVATE KEY-----
      MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIrxPk/W2lsHvAJeo
      TgsK8H0drb/BlGHMCtfk9phxnvyhRANCAATfkjFp5oyFfTWPYXH2yV0abnuWAl3l
      YPJ1/NsVhKgBRYdBlJs+nOVDkbCvaq7XdaVIaixkCvRwevr4Gw6cqBT2
      -----END PRIVATE KEY-----
      """)
}
