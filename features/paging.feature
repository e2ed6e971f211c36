@endpoint @graph @exclusive @controls
Feature: Pages
  A list comes in pages, and things come and go while it is read: nothing that was there throughout is missed.

  Scenario: Alerts are found however small the pages are
    Given the tenant shows 2 entities a page
    And an onboarded device
    And a control is published
    And a second alert definition and its indicator are published
    And an alert definition and an indicator are in effect
    When the device contacts the control's address
    And the device contacts the second indicator's address
    And the device contacts the indicator's address
    Then the control's alert is raised within 30 minutes
    And the second definition's alert is raised within 30 minutes
    And an alert is raised within 30 minutes
    And it is the only alert

  Scenario: An indicator is found however small the pages are
    Given the tenant shows 2 entities a page
    And a control is published
    And a second alert definition and its indicator are published
    And an alert definition and an indicator are published
    Then the tenant holds 3 indicators in all
    And the tenant holds the indicator as published
