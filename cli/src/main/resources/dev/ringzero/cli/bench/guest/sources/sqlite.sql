pragma journal_mode = memory;
create table item (id integer primary key, name text, price integer, stock integer);
begin;
insert into item
  with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
  select i, 'item ' || (i * 7919 % 40000), i * 31 % 1000, i * 17 % 97 from n;
commit;
create index item_name on item (name);
select count(*), sum(price * stock) from item where price between 100 and 500;
select stock, count(*), max(name) from item group by stock order by stock limit 3;
select count(*) from item a join item b on a.name = b.name and a.id <> b.id;
update item set price = price + 1 where id % 3 = 0;
select sum(price) from item where name like 'item 12%';
delete from item where stock < 20;
select count(*) from item;
