@run
Feature: Budgets
  How long the alerts of a whole run take together: judged when every other drill has ended.

  Scenario: Alerts come while somebody still cares
    Then 95 % of the run's alerts come within 2 hours

  Scenario: What is published takes effect within three days
    Then 99 % of the run's indicators take effect within 72 hours
