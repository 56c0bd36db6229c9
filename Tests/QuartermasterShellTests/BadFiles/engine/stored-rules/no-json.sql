UPDATE _rules SET text = '[["rules/stock.yaml", "- rule: low';
