@endpoint
Feature: Conflicts of indicators
  Indicators of the same value and another action stand beside each other, and the mildest of them wins: what somebody
  else allows raises no alert, whatever the drill publishes.

  Scenario: A foreign indicator that allows the address silences the drill's own
    Given an onboarded device
    And a control is published
    And somebody else allows what the indicator names
    And an alert definition and an indicator are in effect
    When the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  Scenario: The alert is back when the foreign indicator is removed
    Given an onboarded device
    And somebody else allows what the indicator names
    And an alert definition and an indicator are published
    When the foreign indicator is removed
    And everything published is in effect
    And the device contacts the indicator's address
    Then an alert is raised within 30 minutes
