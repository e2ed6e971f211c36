@guide
Feature: The whole guide
  Every step of the guide in one drill: access, definition and indicator, propagation, traffic, alert, and every field
  of it. What was made is removed when the drill ends.

  Scenario: A custom threat intelligence alert goes off
    Given access to the tenant
    And an onboarded device
    When the guide's alert definition is published
    And the guide's indicator is published under it
    And the device contacts the indicator's address until an alert is seen
    Then the address answers "WDATP Demo - Connection is established!"
    And an alert is raised within 15 minutes
    And the alert says what its definition says
    And the alert names the device and the indicator
    And it is the only alert
