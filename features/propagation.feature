@exclusive @controls
Feature: Propagation
  What is published is in effect after 20 minutes: nothing before, everything after, to the second.

  Background:
    Given propagation takes exactly 20 minutes
    And an onboarded device
    And a control is published
    And everything published is in effect

  Scenario: A second before it is in effect, nothing is raised
    Given an alert definition and an indicator are published
    When 19 minutes and 59 seconds have passed since acceptance
    And the device contacts the indicator's address
    And the device contacts the control's address
    Then no alert is raised

  Scenario: At the moment it is in effect, the alert is raised
    Given an alert definition and an indicator are published
    When 20 minutes have passed since acceptance
    And the device contacts the indicator's address
    Then an alert is raised within 15 minutes

  Scenario: What was contacted before does not raise an alert later
    Given an alert definition and an indicator are published
    When 5 minutes pass
    And the device contacts the indicator's address
    And everything published is in effect
    And the device contacts the control's address
    Then no alert is raised

  @legacy @graph
  Scenario: A change needs its time as well
    Given an alert definition and an indicator are in effect
    And the alert definition is changed
      | title | Changed {marker} |
    When 20 minutes have passed since acceptance
    And the device contacts the indicator's address
    Then an alert is raised within 15 minutes
    And the alert shows
      | title | Changed {marker} |
