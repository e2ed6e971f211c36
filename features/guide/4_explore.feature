@guide
Feature: Step 4 of the guide: explore the alert
  The alert stands in the tenant, for the device that sent the traffic, and says what its definition says.

  @legacy
  Scenario: The alert shows what the guide says it shows
    Given an onboarded device
    And the guide's alert definition and indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 15 minutes
    And the alert shows
      | title     | Test alert.              |
      | severity  | Medium                   |
      | category  | SuspiciousNetworkTraffic |
      | source    | CustomerTI               |
      | indicator | 52.184.197.12            |

  Scenario: The alert is the one that is documented for its service
    Given an onboarded device
    And the guide's alert definition and indicator are in effect
    When the device contacts the indicator's address
    Then the alert documented for this action is raised within 15 minutes
    And the alert names the device and the indicator
