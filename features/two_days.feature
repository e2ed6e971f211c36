@endpoint @graph @exclusive @controls
Feature: Propagation of two days
  Pages of the vendor say that an indicator may take 48 hours to be enforced. Nothing happens before, everything after.

  Background:
    Given propagation takes exactly 48 hours
    And an onboarded device
    And a control is published
    And everything published is in effect

  Scenario: A minute before two days are over, nothing is raised
    Given an alert definition and an indicator are published
    When 47 hours and 59 minutes have passed since acceptance
    And the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  Scenario: When two days are over, the alert is raised
    Given an alert definition and an indicator are published
    When 48 hours have passed since acceptance
    And the device contacts the indicator's address
    Then an alert is raised within 30 minutes
