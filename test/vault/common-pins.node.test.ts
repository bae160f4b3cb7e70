import { expect } from 'chai';
import { isCommonPin } from '../../src/vault/common-pins.ts';

/** The commonest of published lists: leaked passwords of four and six digits, and what people chose for their phones. */
const FOUR =
  '1234 1111 0000 1212 7777 1004 2000 4444 2222 6969 9999 3333 5555 6666 1122 1313 8888 4321 2001 1010 2580 0852 1998 5683 1986 1123';
const SIX =
  '123456 654321 111111 000000 123123 666666 121212 112233 789456 159753 123321 696969 456789 777777 101010 987654 222222 555555 147258 131313 102030 159357 147852 123654 142536 520131';
const OTHERS =
  '12345 11111 54321 12121 13579 1234567 5201314 7777777 12345678 88888888 87654321 11223344 12341234 12344321 31121999 12311999 19991231 123456789 789456123 147258369 987654321 123123123 1234567890 0987654321 123454321 121212121212 123456789012';

function share(length: number): number {
  const all = 10 ** length;
  let refused = 0;
  for (let i = 0; i < all; i++) if (isCommonPin(String(i).padStart(length, '0'))) refused++;
  return refused / all;
}

describe('common PINs', () => {
  it('are all those that lead the lists', () => {
    const missed = `${FOUR} ${SIX} ${OTHERS}`.split(' ').filter((pin) => !isCommonPin(pin));
    expect(missed).to.deep.equal([]);
  });

  it('are about a tenth of those with four and with six digits', () => {
    expect(share(4)).to.be.within(0.08, 0.12);
    expect(share(6)).to.be.within(0.08, 0.12);
  }).timeout(60_000);

  it('are years and dates however they are written', () => {
    for (const pin of ['1900', '2039', '3112', '1231', '311299', '123199', '991231', '041987', '198704', '20390401']) {
      expect(isCommonPin(pin), pin).to.equal(true);
    }
    for (const pin of ['1899', '2040', '3213', '321399', '991332', '20400432']) {
      expect(isCommonPin(pin), pin).to.equal(false);
    }
  });

  it('are orders, repetitions, mirrors and paths on the keypad, of any length', () => {
    for (const pin of [
      ...['3456', '9876', '8901', '2468', '96307', '7418529', '464646', '83838', '905905', '7447', '739937', '884422'],
      ...['777222', '1236', '147896', '14789632', '192837', '405060', '456123', '951357'],
    ]) {
      expect(isCommonPin(pin), pin).to.equal(true);
    }
  });

  it('leave alone what follows no rule', () => {
    for (const pin of ['4938', '7063', '8068', '38475', '493817', '902746', '829164', '50823917', '739164082557']) {
      expect(isCommonPin(pin), pin).to.equal(false);
    }
  });
});
