@endpoint @controls
Feature: Actions of indicators
  What an indicator's action makes of its alert: the one that is documented for the action, the type and the service, or
  none where none is documented. Reality that is better than documented is told as a finding.

  Scenario Outline: A domain with the action <action>
    Given an onboarded device
    And a control is published
    And an alert definition and an indicator are in effect
      | type   | DomainName |
      | action | <action>   |
    When the device contacts the indicator's address
    And the device contacts the control's address
    Then the alert documented for this action is raised within 30 minutes

    Examples:
      | action            |
      | Allowed           |
      | Audit             |
      | Warn              |
      | Block             |

  Scenario Outline: A <type> of a file with the action <action>
    Given an onboarded device
    And a control is published
    And an alert definition and an indicator are in effect
      | type   | <type>   |
      | value  | <value>  |
      | action | <action> |
    When the device runs the drill's file
    And the device contacts the control's address
    Then the alert documented for this action is raised within 30 minutes

    Examples:
      | type   | value    | action            |
      | Sha1   | {sha1}   | Allowed           |
      | Sha1   | {sha1}   | Audit             |
      | Sha256 | {sha256} | Audit             |
      | Sha256 | {sha256} | Warn              |
      | Sha256 | {sha256} | Block             |
      | Sha256 | {sha256} | BlockAndRemediate |

  Scenario: The alert of an audited file carries the definition's title
    Given an onboarded device
    And an alert definition and an indicator are in effect
      | type   | Sha256           |
      | value  | {sha256}         |
      | action | Audit            |
    When the device runs the drill's file
    Then an alert is raised within 30 minutes
    And the alert carries the definition's title
    And the alert says what its definition says
