Feature: Past alerts
  Removing what raised an alert does not take the alert away, and publishing it again raises a new one.

  Scenario: An alert outlives its alert definition
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 15 minutes
    When the alert definition is removed
    Then the tenant holds the indicator no more
    And the alert is still there

  Scenario: An alert definition that is published again raises a new alert
    Given an onboarded device
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    Then an alert is raised within 15 minutes
    When the alert definition is removed
    And the same alert definition and indicator are published again
    And everything published is in effect
    And the device contacts the indicator's address
    Then an alert is raised within 15 minutes
    And it is the only alert
