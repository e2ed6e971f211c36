Feature: Matching
  Every type of indicator with every function, on what it should see and on what it just should not.

  Rule: An indicator sees what it names

    @controls
    Scenario Outline: <type> <function>, a file
      Given an onboarded device
      And an alert definition and an indicator are in effect
        | type     | <type>     |
        | function | <function> |
        | value    | <value>    |
      When the device runs the drill's file
      Then an alert is raised within 15 minutes

      Examples:
        | type   | function  | value              |
        | Sha1   | Equals    | {sha1}             |
        | Sha1   | StartWith | {sha1 first 16}    |
        | Sha1   | EndWith   | {sha1 last 16}     |
        | Sha1   | Contains  | {sha1 middle 16}   |
        | Sha256 | Equals    | {sha256}           |
        | Sha256 | StartWith | {sha256 first 16}  |
        | Sha256 | EndWith   | {sha256 last 16}   |
        | Sha256 | Contains  | {sha256 middle 16} |
        | Md5    | Equals    | {md5}              |
        | Md5    | StartWith | {md5 first 16}     |
        | Md5    | EndWith   | {md5 last 16}      |
        | Md5    | Contains  | {md5 middle 16}    |

    Scenario Outline: DomainName <function>
      Given an onboarded device
      And an alert definition and an indicator are in effect
        | type     | DomainName |
        | function | <function> |
        | value    | <value>    |
      When the device contacts "<host>"
      Then an alert is raised within 15 minutes

      Examples:
        | function  | value            | host                 |
        | Equals    | {marker}.example | {marker}.example     |
        | StartWith | {marker}-        | {marker}-a.example   |
        | EndWith   | .{marker}.example | www.{marker}.example |
        | Contains  | -{marker}-       | a-{marker}-b.example |

    @exclusive
    Scenario Outline: IpAddress <function>
      Given an onboarded device
      And an alert definition and an indicator are in effect
        | type     | IpAddress  |
        | function | <function> |
        | value    | <value>    |
      When the device contacts "<address>"
      Then an alert is raised within 15 minutes

      Examples:
        | function  | value          | address        |
        | Equals    | 198.51.100.17  | 198.51.100.17  |
        | StartWith | 198.51.100.    | 198.51.100.200 |
        | EndWith   | .100.17        | 198.51.100.17  |
        | Contains  | .51.10         | 198.51.100.17  |

  Rule: An indicator does not see what it just does not name

    @controls
    Scenario Outline: <type> <function>, not this file
      Given an onboarded device
      And a control is published
      And an alert definition and an indicator are in effect
        | type     | <type>     |
        | function | <function> |
        | value    | <value>    |
      When the device runs the drill's file
      And the device contacts the control's address
      Then no alert is raised

      Examples:
        | type   | function  | value                                 |
        | Sha1   | Equals    | {sha1 last 20}{sha1 first 20}         |
        | Sha1   | StartWith | {sha1 middle 16}                      |
        | Sha1   | EndWith   | {sha1 first 16}                       |
        | Sha1   | Contains  | {sha256 middle 16}                    |
        | Sha256 | Equals    | {sha1}{sha1 first 24}                 |
        | Sha256 | StartWith | {sha1 first 16}                       |
        | Sha256 | EndWith   | {sha256 first 16}                     |
        | Sha256 | Contains  | {md5 middle 16}                       |
        | Md5    | Equals    | {md5 last 16}{md5 first 16}           |
        | Md5    | StartWith | {md5 last 16}                         |
        | Md5    | EndWith   | {md5 middle 16}                       |
        | Md5    | Contains  | {sha1 middle 16}                      |

    Scenario Outline: DomainName <function>, not this host
      Given an onboarded device
      And a control is published
      And an alert definition and an indicator are in effect
        | type     | DomainName |
        | function | <function> |
        | value    | <value>    |
      When the device contacts "<host>"
      And the device contacts the control's address
      Then no alert is raised

      @legacy @graph
      Examples: where a domain is not its sub-domains
        | function  | value            | host                  |
        | Equals    | {marker}.example | www.{marker}.example  |

      Examples: everywhere
        | function  | value            | host                  |
        | StartWith | {marker}-        | a.{marker}-.example   |
        | EndWith   | .{marker}.example | {marker}.example     |
        | Contains  | -{marker}-       | a-{marker}.example    |

    @exclusive
    Scenario Outline: IpAddress <function>, not this address
      Given an onboarded device
      And a control is published
      And an alert definition and an indicator are in effect
        | type     | IpAddress  |
        | function | <function> |
        | value    | <value>    |
      When the device contacts "<address>"
      And the device contacts the control's address
      Then no alert is raised

      Examples:
        | function  | value         | address       |
        | Equals    | 198.51.100.17 | 198.51.100.18 |
        | StartWith | 198.51.100.   | 198.51.10.1   |
        | EndWith   | .100.17       | 198.51.100.170 |
        | Contains  | .51.10        | 198.151.10.1  |
