@guide
Feature: Step 3 of the guide: simulate an alert
  The onboarded device requests the malicious address, and the demo server answers.

  Scenario: The device reaches the demo server
    Given an onboarded device
    And the guide's alert definition and indicator are in effect
    When the device contacts the indicator's address
    Then the address answers "WDATP Demo - Connection is established!"
